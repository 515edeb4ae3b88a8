"""What is sent into containers: the POSIX sh driver, the script it runs, and hooks for test runners."""
