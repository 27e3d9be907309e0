//! The `folkmoot` program: reads the command line and ends with its status.

fn main() -> std::process::ExitCode {
    folkmoot::cli::main()
}
