"""Forms about credentials: no page shows what they took, so each is proved by its effect."""

import re
from collections.abc import Callable

from werkzeug.test import TestResponse

from app.models import UserSession
from app.models.common.base import db
from app.queries.accounts import users as account_queries
from app.services.accounts import invitations, organizations
from app.services.accounts.actor import SYSTEM
from app.services.accounts.first_run import EMAIL, ORGANIZATION
from app.services.sign_in import first_factor, link_tokens, two_factor
from app.web.accounts import forms
from tests.services.notifications.account_mail import send_by, states
from tests.services.people import PASSWORD, Authenticator, person, with_app
from tests.support.servers.mail import MailServer
from tests.web.forms.form_fields import Case, World
from tests.web.visitor import Visitor

STEP, TWO_FACTOR = "/sign-in/two-factor", "/settings/account/two-factor"
NEW_PASSWORD = "seven wild geese fly"


def signs_in(world: World, email: str, password: str) -> Visitor:
    visitor = Visitor(world.app)
    visitor.sign_in(email, password)
    return visitor


def sign_in(world: World) -> Case:
    person("vic@example.com", world.organization_id, "viewer", PASSWORD)
    visitor = Visitor(world.app)

    def proof(response: TestResponse, sent: object) -> None:
        assert response.location == "/webhooks", sent
        assert visitor.get("/webhooks").status_code == 200
        newest = db.session.query(UserSession).order_by(UserSession.created_at.desc()).first()
        assert newest is not None
        assert newest.remembered

    values = {"email": "vic@example.com", "password": PASSWORD}
    unseen = ("email", "password", "remember", "next")
    return Case(
        "/sign-in?next=/webhooks", values=values, unseen=unseen, proof=proof, visitor=visitor
    )


def second_step(page: str, code: Callable[[Authenticator], str]) -> Callable[[World], Case]:
    def case(world: World) -> Case:
        phone = with_app(world.user)
        visitor = Visitor(world.app)
        visitor.post("/sign-in", email=world.email, password=PASSWORD)

        def proof(*_: object) -> None:
            assert visitor.get("/settings").status_code == 200

        values = {"code": code(phone)}
        return Case(page, values=values, unseen=("code",), proof=proof, visitor=visitor)

    return case


def enrolment(world: World) -> Case:
    two_factor.begin(world.user.id)
    pending = two_factor.pending(world.user)
    assert pending
    values = {"code": Authenticator(world.user.id, pending.secret).code(), "current": PASSWORD}

    def proof(*_: object) -> None:
        user = account_queries.user(world.user.id)
        assert user
        assert user.has_two_factor

    unseen = ("code", "current")
    return Case(TWO_FACTOR, f"{TWO_FACTOR}/confirm", values, unseen=unseen, proof=proof)


def by_password(world: World) -> Case:
    world.with_app()

    def proof(*_: object) -> None:
        user = account_queries.user(world.user.id)
        assert user
        assert not user.has_two_factor

    values = {"disable-current": PASSWORD}
    return Case(TWO_FACTOR, f"{TWO_FACTOR}/disable", values, unseen=("current",), proof=proof)


def by_code(world: World) -> Case:
    user = person("kim@example.com", world.organization_id, "member")
    phone = with_app(user)
    visitor = Visitor(world.app)
    visitor.get(f"/sign-in/link/{first_factor.make_link(user)}")
    visitor.post(STEP, code=phone.fresh_code())

    def proof(response: TestResponse, sent: object) -> None:
        codes = re.findall(r"\b\w{4,}-\w{4,}\b", response.text)
        assert codes, sent

    values = {"renew-current": phone.fresh_code()}
    page = f"{TWO_FACTOR}/recovery-codes"
    return Case(TWO_FACTOR, page, values, unseen=("current",), proof=proof, visitor=visitor)


def reset_request(world: World) -> Case:
    mail = MailServer()
    mail.close()
    send_by(world.app, mail)

    def proof(*_: object) -> None:
        assert "waiting" in states()

    visitor = Visitor(world.app)
    return Case(
        "/password-reset",
        values={"email": world.email},
        unseen=("email",),
        proof=proof,
        visitor=visitor,
    )


def new_password(world: World) -> Case:
    link = f"/password-reset/{link_tokens.password_reset(world.user)}"

    def proof(*_: object) -> None:
        signs_in(world, world.email, NEW_PASSWORD)

    values = {"password": NEW_PASSWORD}
    visitor = Visitor(world.app)
    return Case(link, values=values, unseen=("password",), proof=proof, visitor=visitor)


def welcome(world: World) -> Case:
    organization = organizations.create(ORGANIZATION)
    user = person(EMAIL, organization.id, "owner")
    visitor = Visitor(world.app)
    visitor.get(f"/sign-in/link/{first_factor.make_link(user)}")
    values = {"email": "new@example.com", "password": NEW_PASSWORD}

    def proof(_: object, sent: dict[str, list[str]]) -> None:
        account = signs_in(world, "new@example.com", NEW_PASSWORD)
        named = account_queries.user(user.id)
        renamed = account_queries.organization(organization.id)
        assert named
        assert renamed
        assert [named.name, renamed.name] == [sent["name"][0], sent["organization"][0]]
        assert account.get("/settings").status_code == 200

    unseen = ("email", "name", "password", "organization")
    return Case("/welcome", values=values, unseen=unseen, proof=proof, visitor=visitor)


def acceptance(world: World) -> Case:
    _, token = invitations.create(world.organization_id, "ann@example.com", "viewer", SYSTEM)

    def proof(_: object, sent: dict[str, list[str]]) -> None:
        bob = signs_in(world, "ann@example.com", NEW_PASSWORD)
        assert bob.get("/settings").status_code == 200
        user = account_queries.user_by_email("ann@example.com")
        assert user
        assert user.name == sent["name"][0]

    values, unseen = {"password": NEW_PASSWORD}, ("name", "password")
    visitor = Visitor(world.app)
    page = f"/invitations/{token}"
    return Case(page, values=values, unseen=unseen, proof=proof, visitor=visitor)


def password(world: World) -> Case:
    def proof(*_: object) -> None:
        signs_in(world, world.email, NEW_PASSWORD)

    values, unseen = {"current": PASSWORD, "new": NEW_PASSWORD}, ("current", "new")
    page = "/settings/account/password"
    return Case("/settings/account", page, values, unseen=unseen, proof=proof)


PROVED: dict[object, Callable[[World], Case]] = {
    forms.SignInForm: sign_in,
    forms.CodeForm: second_step(STEP, lambda phone: phone.fresh_code()),
    forms.RecoveryCodeForm: second_step(
        f"{STEP}?with=recovery-code", lambda phone: phone.recovery_codes[0]
    ),
    forms.EnrolForm: enrolment,
    forms.CurrentPasswordForm: by_password,
    forms.CurrentCodeForm: by_code,
    forms.ResetRequestForm: reset_request,
    forms.NewPasswordForm: new_password,
    forms.WelcomeForm: welcome,
    forms.AcceptForm: acceptance,
    forms.PasswordForm: password,
}
