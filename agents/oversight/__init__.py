"""What people look at afterwards: the record of everything, and the outbox of what leaves."""
