"""Results of background work arrive on the GUI thread, in order, and not after the end."""

import threading

from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from failview.panel.look.owner_post import OwnerPost


def test_results_arrive_in_order_on_the_gui_thread(qtbot: QtBot) -> None:
    post = OwnerPost()
    arrived: list[int] = []
    threads = set()

    def take(number: int) -> None:
        arrived.append(number)
        threads.add(QThread.currentThread())

    worker = threading.Thread(target=lambda: [post(lambda number=number: take(number)) for number in range(500)])
    worker.start()
    worker.join()
    assert arrived == []
    qtbot.waitUntil(lambda: len(arrived) == 500)
    assert arrived == list(range(500))
    assert threads == {QApplication.instance().thread()}


def test_nothing_arrives_after_the_end(qtbot: QtBot) -> None:
    post = OwnerPost()
    arrived: list[str] = []
    post(lambda: arrived.append("before"))
    post.close()
    worker = threading.Thread(target=lambda: post(lambda: arrived.append("after")))
    worker.start()
    worker.join()
    QApplication.processEvents()
    assert arrived == []


def test_a_call_from_the_gui_thread_waits_its_turn(qtbot: QtBot) -> None:
    post = OwnerPost()
    arrived: list[int] = []
    post(lambda: arrived.append(1))
    assert arrived == []
    qtbot.waitUntil(lambda: arrived == [1])
