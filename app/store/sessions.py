"""Types of the sessions and connections that functions of this package take."""

from sqlalchemy import Connection
from sqlalchemy.orm import Session, scoped_session

# What `transaction.write_transaction` yields.
WriteSession = scoped_session[Session]
Executor = Connection | Session | WriteSession
