"""ROS 1 and ROS 2 bags and MCAP files: one bag is one episode."""
