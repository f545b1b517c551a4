"""What the imports that we answer take and give, as letters.

`i` is a 32-bit number, `j` a 64-bit one, `d` a double, `p` a pointer or a size, as wide as the module's pointers; what
follows `=` is the result. In a module of 32 bits a `j` may come as two `i`, the low half first.
"""

from __future__ import annotations

__all__ = ["HOST", "NATIVE"]

#: Answered by the module's neighbours, in WebAssembly (`glue`): what is called often, or leaves by an exception.
NATIVE = {
    "_emscripten_throw_longjmp": "",
    "emscripten_memcpy_big": "ppp",
    "emscripten_memcpy_js": "ppp",
    "_emscripten_memcpy_js": "ppp",
    "emscripten_resize_heap": "p=i",
    "emscripten_get_heap_max": "=p",
    "emscripten_date_now": "=d",
    "_emscripten_date_now": "=d",
    "emscripten_get_now": "=d",
    "_emscripten_get_now_is_monotonic": "=i",
    "getTempRet0": "=i",
    "setTempRet0": "i",
}

#: Answered by Python (`host`).
HOST = {
    "__asyncjs__weavedrive_open": "pp=i",
    "__asyncjs__weavedrive_read": "ipp=i",
    "__asyncjs__weavedrive_close": "i=i",
    "__assert_fail": "ppip",
    "__cxa_throw": "ppp",
    "__syscall_chmod": "pi=i",
    "__syscall_dup3": "iii=i",
    "__syscall_faccessat": "ipii=i",
    "__syscall_fchmod": "ii=i",
    "__syscall_fchown32": "iii=i",
    "__syscall_fcntl64": "iip=i",
    "__syscall_fstat64": "ip=i",
    "__syscall_ftruncate64": "ij=i",
    "__syscall_getcwd": "pp=i",
    "__syscall_ioctl": "iip=i",
    "__syscall_lstat64": "pp=i",
    "__syscall_mkdirat": "ipi=i",
    "__syscall_newfstatat": "ippi=i",
    "__syscall_openat": "ipip=i",
    "__syscall_readlinkat": "ippp=i",
    "__syscall_renameat": "ipip=i",
    "__syscall_rmdir": "p=i",
    "__syscall_stat64": "pp=i",
    "__syscall_unlinkat": "ipi=i",
    "__syscall_utimensat": "ippi=i",
    "_abort_js": "",
    "abort": "",
    "_emscripten_system": "p=i",
    "system": "p=i",
    "_gmtime_js": "jp",
    "_localtime_js": "jp",
    "_mktime_js": "p=j",
    "_mmap_js": "piiijpp=i",
    "_munmap_js": "ppiiij=i",
    "_tzset_js": "pppp",
    "_dlinit": "p",
    "_dlopen_js": "p=p",
    "_dlsym_js": "ppp=p",
    "emscripten_err": "p",
    "environ_get": "pp=i",
    "environ_sizes_get": "pp=i",
    "exit": "i",
    "fd_close": "i=i",
    "fd_fdstat_get": "ip=i",
    "fd_read": "ippp=i",
    "fd_seek": "ijip=i",
    "fd_sync": "i=i",
    "fd_write": "ippp=i",
    "strftime": "pppp=p",
    "strftime_l": "ppppp=p",
}
