"""What people see: authorize, sign-in, account and sign-out, with the forms and cookies under them."""
