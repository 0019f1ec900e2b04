"""The floor: the least a StatusNotifierItem on jeepney needs to be registered; no menu, no engine, no picture."""

import os

from jeepney import DBusAddress, MessageType, new_method_call, new_method_return
from jeepney.io.blocking import open_dbus_connection

WATCHER = DBusAddress("/StatusNotifierWatcher", "org.kde.StatusNotifierWatcher", "org.kde.StatusNotifierWatcher")
PIXMAP = [(22, 22, b"\xff\x30\x90\x30" * 22 * 22)]
PROPERTIES = {
    "Category": ("s", "Communications"),
    "Id": ("s", "floor"),
    "Title": ("s", "Floor"),
    "Status": ("s", "Active"),
    "IconPixmap": ("a(iiay)", PIXMAP),
    "ItemIsMenu": ("b", False),
    "Menu": ("o", "/MenuBar"),
}

with open_dbus_connection(os.environ["DBUS_SESSION_BUS_ADDRESS"]) as connection:
    connection.send(new_method_call(WATCHER, "RegisterStatusNotifierItem", "s", (connection.unique_name,)))
    while True:
        message = connection.receive()
        if message.header.message_type is MessageType.method_call:
            connection.send(new_method_return(message, "a{sv}", (PROPERTIES,)))
