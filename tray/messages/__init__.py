"""Every sentence a user can see, one module for each part that speaks; text and formatting only."""
