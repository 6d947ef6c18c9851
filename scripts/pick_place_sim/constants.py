"""Numbers shared by the simulator, each with its unit and where it comes from."""

from typing import Final

# ---- time -------------------------------------------------------------------------------------------------------
PHYSICS_HZ: Final = 500  # Hz; 2 ms steps keep stiff finger contacts stable
FRAME_HZ: Final = 20  # Hz; the rate of robomimic and most teleoperation sets
HIGH_RATE_HZ: Final = 100  # Hz; optional second record
STEPS_PER_FRAME: Final = PHYSICS_HZ // FRAME_HZ
STEPS_PER_HIGH_RATE: Final = PHYSICS_HZ // HIGH_RATE_HZ

# ---- robot ------------------------------------------------------------------------------------------------------
N_ARM: Final = 7
APERTURE_MAX: Final = 0.08  # m, Franka Hand data sheet
TCP_OFFSET: Final = 0.1034  # m, flange frame of the hand to the point between the fingertips (Franka Hand manual)
FINGER_OFFSET: Final = 0.0584  # m, hand frame to finger frame (Franka description)
JOINT_DAMPING: Final = (0.5, 0.5, 0.5, 0.5, 0.3, 0.2, 0.2)  # Nms/rad, order of magnitude of identified values
JOINT_FRICTION: Final = (0.4, 0.4, 0.4, 0.4, 0.2, 0.2, 0.15)  # Nm, Coulomb part, half of Gaz et al. 2019
JOINT_ARMATURE: Final = 0.1  # kg m^2, reflected rotor inertia as in MuJoCo Menagerie
TORQUE_LIMIT: Final = (87.0, 87.0, 87.0, 87.0, 12.0, 12.0, 12.0)  # Nm, Panda data sheet
HOME_Q: Final = (0.0, -0.35, 0.0, -2.35, 0.0, 2.0, 0.7854)  # rad, hand above the table, pointing down

# ---- control ----------------------------------------------------------------------------------------------------
STIFFNESS: Final = (500.0, 500.0, 500.0, 500.0, 200.0, 120.0, 60.0)  # Nm/rad, joint impedance, close to franka_ros
DAMPING: Final = (32.0, 32.0, 32.0, 32.0, 14.0, 9.0, 5.0)  # Nms/rad
FINGER_KP: Final = 1500.0  # N/m
FINGER_KD: Final = 60.0  # Ns/m
FINGER_SPEED: Final = 0.05  # m/s per finger, Franka Hand data sheet (0.1 m/s for both)

# ---- success ----------------------------------------------------------------------------------------------------
GOAL_RADIUS: Final = 0.03  # m
UPRIGHT_LIMIT: Final = 0.52  # rad (30 degrees): a bottle lying at the goal is no success
REST_SPEED: Final = 0.02  # m/s

# ---- actions (robomimic OSC_POSE convention) --------------------------------------------------------------------
ACTION_POSITION_SCALE: Final = 0.05  # m per unit
ACTION_ROTATION_SCALE: Final = 0.5  # rad per unit

# ---- sensor noise, one standard deviation -----------------------------------------------------------------------
NOISE_GRIP_FORCE: Final = 0.04  # N
NOISE_JOINT_TORQUE: Final = 0.04  # Nm
NOISE_JOINT_VELOCITY: Final = 0.0004  # rad/s
NOISE_WRENCH_FORCE: Final = 0.12  # N
NOISE_WRENCH_TORQUE: Final = 0.006  # Nm
NOISE_EXTERNAL_TORQUE: Final = (0.10, 0.12, 0.08, 0.10, 0.04, 0.04, 0.02)  # Nm
EXTERNAL_TORQUE_LAG: Final = 0.03  # s, first-order lag of a momentum observer with 33 rad/s gain

# ---- cameras ----------------------------------------------------------------------------------------------------
IMAGE_WIDTH: Final = 480  # px
IMAGE_HEIGHT: Final = 360  # px

PHASES: Final = ("approach", "grasp", "lift", "transport", "place", "retreat")
