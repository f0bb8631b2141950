"""The tables, as typed SQLAlchemy models.

Statements of this package use the tables under them (`Token.__table__`), which costs a third of the
ORM; a host may query the models through its own session. Times are whole seconds since 1970, UTC.
Every primary and unique key begins with the tenant. `purge_at` is from when on a row can matter no more.
"""

from typing import cast

from sqlalchemy import Table

from rescind.store.base import SCHEMA as SCHEMA
from rescind.store.base import Base as Base
from rescind.store.tables.granted import AuthorizationCode as AuthorizationCode
from rescind.store.tables.granted import DeviceCode as DeviceCode
from rescind.store.tables.granted import Grant as Grant
from rescind.store.tables.granted import PersonalToken as PersonalToken
from rescind.store.tables.granted import Token as Token
from rescind.store.tables.granted import UsedAssertion as UsedAssertion
from rescind.store.tables.maintained import Duty as Duty
from rescind.store.tables.maintained import SecretKeys as SecretKeys
from rescind.store.tables.people import Session as Session
from rescind.store.tables.people import SessionClient as SessionClient
from rescind.store.tables.people import SignInAttempts as SignInAttempts
from rescind.store.tables.people import Subject as Subject
from rescind.store.tables.people import User as User
from rescind.store.tables.registry import Client as Client
from rescind.store.tables.registry import ClientOrigin as ClientOrigin
from rescind.store.tables.registry import ClientResource as ClientResource
from rescind.store.tables.registry import RegistrationToken as RegistrationToken
from rescind.store.tables.registry import ScopeText as ScopeText
from rescind.store.tables.registry import SigningKey as SigningKey
from rescind.store.tables.registry import Tenant as Tenant
from rescind.store.tables.revoked import Delivery as Delivery
from rescind.store.tables.revoked import Receiver as Receiver
from rescind.store.tables.revoked import Revocation as Revocation

tenants = cast(Table, Tenant.__table__)
clients = cast(Table, Client.__table__)
client_origins = cast(Table, ClientOrigin.__table__)
client_resources = cast(Table, ClientResource.__table__)
registration_tokens = cast(Table, RegistrationToken.__table__)
scope_texts = cast(Table, ScopeText.__table__)
subjects = cast(Table, Subject.__table__)
sessions = cast(Table, Session.__table__)
session_clients = cast(Table, SessionClient.__table__)
grants = cast(Table, Grant.__table__)
tokens = cast(Table, Token.__table__)
authorization_codes = cast(Table, AuthorizationCode.__table__)
device_codes = cast(Table, DeviceCode.__table__)
personal_tokens = cast(Table, PersonalToken.__table__)
users = cast(Table, User.__table__)
sign_in_attempts = cast(Table, SignInAttempts.__table__)
deliveries = cast(Table, Delivery.__table__)
receivers = cast(Table, Receiver.__table__)
signing_keys = cast(Table, SigningKey.__table__)
used_assertions = cast(Table, UsedAssertion.__table__)
revocations = cast(Table, Revocation.__table__)
duties = cast(Table, Duty.__table__)
secret_keys = cast(Table, SecretKeys.__table__)
