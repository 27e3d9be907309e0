//! The `folkmoot` program: reads the command line and ends with its status.

fn main() -> std::process::ExitCode {
    give_memory_back();
    folkmoot::cli::main()
}

/// Keeps a node small. By default glibc gives each thread a heap of its own, and once a large block was freed it keeps
/// such blocks for later: a dozen threads then each hold the 19 MiB that one password check takes for an instant.
/// <https://man7.org/linux/man-pages/man3/mallopt.3.html>
#[cfg(target_env = "gnu")]
fn give_memory_back() {
    const LARGE_BYTES: libc::c_int = 1 << 20;
    // SAFETY: only sets two parameters of the allocator, before any other thread runs.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE_BYTES);
    }
}

#[cfg(not(target_env = "gnu"))]
fn give_memory_back() {}
