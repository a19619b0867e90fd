"""Starts a program as grantexd.service would have it started, without systemd: a user who owns one folder, a root that is read-only, no
capabilities, and seccomp filters of the same meaning, but that what systemd answers by EPERM kills here, so that no test can overlook it.

    confined.py FOLDER BUILD CALL,… FAMILY,… PROGRAM ARGUMENT…

FOLDER: all that it may write; BUILD: where programs and modules lie, seen as /mnt; the system calls and address families that it has.
"""

import ctypes
import os
import socket
import subprocess
import sys

USER = 65534  # whom DynamicUser= would make

# seccomp.h of libseccomp, linux/prctl.h, sys/mman.h, sched.h
KILL_PROCESS, ALLOW, ERRNO_ENOSYS = 0x80000000, 0x7FFF0000, 0x00050000 | 38
MASKED_EQUAL, EQUAL = 7, 4
WRITE, EXEC = 2, 4
ALL_NAMESPACES = 0x7E020080
SET_ID_BITS = 0o6000
PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP = 38, 24


class Comparison(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


class Filter:
    def __init__(self, otherwise):
        self.library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
        self.library.seccomp_init.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.library.seccomp_init(ctypes.c_uint32(otherwise)))

    def rule(self, action, name, *comparisons):
        number = self.library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return  # of another architecture, or newer than the library
        wanted = (Comparison * len(comparisons))(*comparisons)
        failed = self.library.seccomp_rule_add_array(self.context, ctypes.c_uint32(action), number, len(comparisons), wanted)
        if failed:
            raise OSError(-failed, f"seccomp: {name}")

    def load(self):
        failed = self.library.seccomp_load(self.context)
        if failed:
            raise OSError(-failed, "seccomp_load")


def bits(arg, mask, value):
    return Comparison(arg, MASKED_EQUAL, mask, value)


# Of these only some arguments: MemoryDenyWriteExecute=, RestrictAddressFamilies=, RestrictNamespaces=, RestrictSUIDSGID=, LockPersonality=.
def restricted(families):
    return {
        "mmap": [[bits(2, WRITE | EXEC, 0)], [bits(2, WRITE | EXEC, WRITE)], [bits(2, WRITE | EXEC, EXEC)]],
        "mprotect": [[bits(2, EXEC, 0)]],
        "pkey_mprotect": [[bits(2, EXEC, 0)]],
        "socket": [[Comparison(0, EQUAL, getattr(socket, family), 0)] for family in families],
        "clone": [[bits(0, ALL_NAMESPACES, 0)]],
        "unshare": [[bits(0, ALL_NAMESPACES, 0)]],
        "setns": [],
        "chmod": [[bits(1, SET_ID_BITS, 0)]],
        "fchmod": [[bits(1, SET_ID_BITS, 0)]],
        "fchmodat": [[bits(2, SET_ID_BITS, 0)]],
        "creat": [[bits(1, SET_ID_BITS, 0)]],
        "mkdir": [[bits(1, SET_ID_BITS, 0)]],
        "personality": [[Comparison(0, EQUAL, 0, 0)]],
    }


def load_filter(names, families):
    filters, some = Filter(KILL_PROCESS), restricted(families)
    filters.rule(ERRNO_ENOSYS, "clone3")  # as systemd does: its flags are in memory, and the C library goes back to clone
    for name in sorted(names - {"clone3"}):
        for comparisons in some.get(name, [[]]):
            filters.rule(ALLOW, name, *comparisons)
    filters.load()


def enter_namespace(folder, programs):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x00020000) != 0:  # CLONE_NEWNS
        raise OSError(ctypes.get_errno(), "unshare")
    for words in (["--make-rprivate", "/"], ["--bind", programs, "/mnt"], ["--bind", folder, folder], ["-o", "remount,bind,ro", "/mnt"],
                  ["-o", "remount,bind,ro", "/"]):
        subprocess.run(["mount", *words], check=True)


def drop_privileges():
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(64):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    os.umask(0o077)


def main(folder, programs, names, families, command):
    enter_namespace(folder, programs)
    drop_privileges()
    load_filter(names, families)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], set(sys.argv[3].split(",")), sys.argv[4].split(","), sys.argv[5:])
