"""The Manage pages: admin center, one page per section, lines of business, pausing."""
