"""Outreach: mails to leads, their rhythm, what the answers mean, and the hand-over to a person."""
