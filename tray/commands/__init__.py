"""What each command does; one module for each thing that commands are about."""
