"""What is forgotten, and what stays."""

import datetime as dt

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from accounts import people
from agents.sweeps import SWEEPS, run

pytestmark = pytest.mark.django_db


def test_a_session_is_forgotten_when_it_has_run_out_and_not_before(client):
    people.create_person(email="a@example.com", name="A", by=None, password="long words here")
    client.post(reverse("account_login"), {"login": "a@example.com", "password": "long words here"})
    run("accounts.forget_sessions", now=timezone.now() + dt.timedelta(days=13))
    assert (Session.objects.count(), UserSession.objects.count()) == (1, 1)
    run("accounts.forget_sessions", now=timezone.now() + dt.timedelta(days=15))
    assert (Session.objects.count(), UserSession.objects.count()) == (0, 0)
    assert "accounts.forget_answers" in SWEEPS
