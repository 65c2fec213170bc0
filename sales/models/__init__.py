"""Leads: where they came from, what was found out about them, what was written to them, and who got them."""

from sales.models.handovers import HandOver
from sales.models.importing import ImportRow, LeadImport
from sales.models.leads import Lead
from sales.models.outreach import Enrolment, Touch
from sales.models.research import Finding, WebPage

__all__ = ["Enrolment", "Finding", "HandOver", "ImportRow", "Lead", "LeadImport", "Touch", "WebPage"]
