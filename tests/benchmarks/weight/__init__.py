"""What the program costs beside hello-worlds and a script on Microsoft's own SDK, measured in one run."""
