"""A shop with customers, passwords and migrations of its own, which mounts Rescind."""

import logging
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask, abort, request
from flask_migrate import Migrate
from werkzeug.security import check_password_hash, generate_password_hash

from app.models import Customer, db
from rescind import Rescind, Subject

log = logging.getLogger(__name__)
shop = Blueprint("shop", __name__)
rescind = Rescind(tenant="bifrost")


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make the shop. In the environment its settings begin with SHOP_, those of Rescind with RESCIND_."""
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.sqlite3"
    app.config.from_prefixed_env("SHOP")
    app.config.from_mapping(config)
    app.register_blueprint(shop)
    db.init_app(app)
    Migrate(app, db)
    rescind.init_app(app, db)
    return app


@shop.get("/orders")
@rescind.require_token("orders")
def orders() -> str:
    """Show the orders of the customer whom the access token is about, if its scope has `orders`."""
    return f"the orders of {rescind.current_token.subject}\n"


@shop.post("/customers")
def sign_up() -> str:
    """Make a customer."""
    password = generate_password_hash(request.form["password"])
    db.session.add(Customer(name=request.form["name"], password=password))
    db.session.commit()
    return "welcome\n"


@shop.post("/password")
def change_password() -> str:
    """Change the password of the customer who signs in, and revoke every token about them."""
    customer = signed_in()
    customer.password = generate_password_hash(request.form["password"])
    everything = Subject("bifrost", customer.name)
    if db.engine.dialect.name == "postgresql":
        # One transaction: both or neither. Nobody else sees the one without the other.
        rescind.revoke(everything, cause="password-changed", connection=db.session.connection())
        db.session.commit()
    else:
        # Two, since the files are two. The old password goes first, or it could get new tokens in between.
        db.session.commit()
        rescind.revoke(everything, cause="password-changed")
    return "changed\n"


def signed_in() -> Customer:
    """Sign a customer in: the shop's own way, of which Rescind knows nothing."""
    given = request.authorization or abort(401)
    customer = db.session.get(Customer, given.username or "")
    if customer is None or not check_password_hash(customer.password, given.password or ""):
        abort(401)
    return customer


@rescind.revoked.connect
def tell(sender: object, revocation: Any) -> None:
    """Write down what Rescind revoked, once it is committed.

    On PostgreSQL not what the shop revokes in its own transaction: nobody else knows whether it commits.
    """
    log.warning("%s %s revoked: %s", revocation.kind, revocation.value, revocation.cause.name)
