"""Register, sign in and out, one's own account."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from webapp.core import auth, clock, passwords
from webapp.core.auth import current_person, public, signed_in, the_person
from webapp.core.config import current_settings
from webapp.core.db import transaction
from webapp.core.deciding import decides, makes
from webapp.core.entered import entered
from webapp.core.errors import N_, Refusal
from webapp.core.http import safe_next, show_on_form, status_of
from webapp.core.just_done import can_undo
from webapp.core.security import csrf, limiter
from webapp.people import queries, service
from webapp.people.domain import Way, check_password, show_phone
from webapp.people.forms import PasswordForm, RegisterForm, SignInForm, TokenForm
from webapp.people.models import Account, ApiToken
from webapp.people.queries import SignedInAccount

blueprint = Blueprint("people", __name__)
blueprints = (blueprint,)
Answer = Response | str | tuple[str, int] | tuple[str, int, dict[str, str]]


def _sign_in_limit() -> str:
    return current_settings().limit_sign_in


def _write_limit() -> str:
    return current_settings().limit_public_write


@blueprint.route("/login", methods=["GET", "POST"])
@blueprint.route("/sign-in", methods=["GET", "POST"])
@csrf.exempt  # asked for within: a form of another tab's time is answered with a form, not with an error
@limiter.limit(_sign_in_limit, methods=["POST"])
@public
def sign_in() -> Answer:
    """One field for telephone or e-mail, one for the password. Who is signed in by now goes on to their aim."""
    form, target = SignInForm(), safe_next(request.values.get("next"), "")
    status, headers = 200, {}
    is_stale = form.is_submitted() and not _is_fresh()
    if current_person() is not None and (is_stale or (target and not form.is_submitted())):
        return redirect(target or _own_place())
    if is_stale:
        form.login.data = form.login.data if entered() else ""  # nothing of another site's form is shown
        form.password.errors, status = [_("这一页打开得太久，请再输一次密码。")], 400
    elif form.validate_on_submit():
        try:
            account = _try_password(form)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
            if "minutes" in refusal.params:
                headers["Retry-After"] = str(60 * refusal.params["minutes"])
        else:
            _begin_session(account, remember=form.remember.data)
            return redirect(target or _own_place())
    elif form.is_submitted():
        status = 422
    return render_template("people/sign_in.html", form=form, target=target), status, headers


def _is_fresh() -> bool:
    """Whether the form carries this session's token; another tab's sign-in began a new session."""
    try:
        csrf.protect()
    except CSRFError:
        return False
    return True


def _try_password(form: SignInForm) -> SignedInAccount:
    """Count, check, settle (see people/service/sign_in.py); raises TooManyAttempts, WrongPassword."""
    login, password, address = form.login.data or "", form.password.data or "", request.remote_addr or ""
    with transaction():
        service.count_attempt(login, address=address)
    account = service.authenticate(login, password)
    renewed = passwords.hash_password(password) if passwords.is_outdated(account.password_hash) else None
    with transaction():
        account = service.settle_sign_in(account.id, login, address=address, rehashed=renewed)
        return queries.signed_in(account)


def _begin_session(account: SignedInAccount, *, remember: bool) -> None:
    """A new session: nothing an earlier one held, put there by whomever, lives on in it."""
    session.clear()
    session.permanent = remember
    login_user(account.anew())
    session[auth.SIGNED_IN_AT] = round(clock.now().timestamp() * 1000)  # see /scan/hello.json


def _own_place() -> str:
    return url_for("pages.manage_home" if auth.current_permissions() else "pages.me")


@blueprint.post("/sign-out")
@public
def sign_out() -> Answer:
    """End the session on this device, and on the server: a copy of its cookie opens nothing either."""
    account = current_user._get_current_object()  # noqa: SLF001  (the documented way)
    if isinstance(account, SignedInAccount):
        with transaction():
            service.end_sign_in(account)
    logout_user()
    session.clear()
    flash(_("您已退出登录。"), "success")
    return redirect(url_for("pages.home"))


@blueprint.route("/register", methods=["GET", "POST"])
@limiter.limit(_write_limit, methods=["POST"])
@public
@makes
def register() -> Answer:
    """Make an account; it is signed in at once."""
    form, target = RegisterForm(), safe_next(request.values.get("next"), "")
    status = 200
    if form.validate_on_submit():
        try:
            hashed = service.prepare_password(form.password.data or "")
            with transaction():
                made = service.register(
                    name=form.name.data or "", login=form.login.data or "", password=hashed
                )
                account = queries.signed_in(made)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            _begin_session(account, remember=True)
            flash(_("注册好了，您已登录。"), "success")
            return redirect(target or url_for("pages.me"))
    elif form.is_submitted():
        status = 422
    return render_template("people/register.html", form=form, target=target), status


@blueprint.get("/me/account")
@signed_in
def account() -> Answer:
    """How one signs in, and the keys of one's programs."""
    return _show_account(TokenForm())


def _own_account() -> Account:
    found = queries.account_of(the_person().id)
    if found is None:
        raise Unauthorized  # a program's owner without an account has nothing to see here
    return found


def _show_account(form: TokenForm, *, plain: str | None = None, status: int = 200) -> Answer:
    mine = _own_account()
    return render_template(
        "people/account.html",
        form=form,
        account=mine,
        phone=show_phone(mine.phone),
        tokens=queries.list_tokens(mine.person_id),
        plain=plain,
    ), status


@blueprint.route("/me/account/password", methods=["GET", "POST"])
@limiter.limit(_sign_in_limit, methods=["POST"])
@signed_in
def change_password() -> Answer:
    """A new password; every other device is signed out."""
    form, status = PasswordForm(), 200
    if form.validate_on_submit():
        try:
            account = _change_password(form)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            _begin_session(account, remember=session.permanent)
            flash(_("密码改好了。其他手机和电脑上的登录已经失效。"), "success")
            return redirect(url_for("people.account"))
    elif form.is_submitted():
        status = 422
    return render_template("people/change_password.html", form=form), status


def _change_password(form: PasswordForm) -> SignedInAccount:
    mine, address = _own_account().id, request.remote_addr or ""
    check_password(form.new.data or "", field="new")
    with transaction():  # whoever found an open phone may not try passwords without end either
        service.count_attempt(mine, address=address)
    hashed = service.prepare_password_change(mine, old=form.old.data or "", new=form.new.data or "")
    with transaction():
        service.settle_sign_in(mine, mine, address=address)
        return queries.signed_in(service.change_password(mine, hashed))


@blueprint.post("/me/account/tokens")
@limiter.limit(_write_limit)
@signed_in
@makes
def create_token() -> Answer:
    """A new key, shown on this page and never again."""
    form = TokenForm()
    if not form.validate():
        return _show_account(form, status=422)
    try:
        with transaction():
            plain = service.create_own_token(the_person().id, form.name.data or "")
    except Refusal as refusal:
        show_on_form(form, refusal)
        return _show_account(form, status=status_of(refusal))
    return _show_account(TokenForm(formdata=None), plain=plain, status=201)


@blueprint.post("/me/account/tokens/<token_id>/revoke")
@signed_in
@can_undo(N_("停用了密钥“%(name)s”"), ApiToken, says=lambda one: {"name": one.name})
@decides(ApiToken)
def revoke_token(token_id: str) -> Answer:
    """Stop a key."""
    with transaction():
        name = service.revoke_token(the_person().id, token_id).name
    flash(_("已停用“%(name)s”，用它的程序不能再读写。", name=name), "success")
    return redirect(url_for("people.account"))


# --- what pages may promise ----------------------------------------------------------------------------------------

blueprint.add_app_template_global(queries.channels, "our_channels")
blueprint.add_app_template_global(queries.way_of)
blueprint.add_app_template_filter(show_phone, "phone")


@blueprint.app_template_global("my_way")
def my_way() -> Way:
    """By what whoever looks at this page will hear of changes: signed in, or by the telephone they are to give."""
    person = current_person()
    if person is not None:
        return queries.way_of(person.id)
    return Way.SMS if queries.channels().sms else Way.PHONE
