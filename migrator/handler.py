"""The migrator Lambda function: `migrator.handler.handler`, invoked by `pulumi up`.

The event (JSON; an unknown key is refused):

    {
      "database": "shop",                     required; created when it is not there
      "schemas": ["reporting"],               further databases the users are granted on (not created; default none)
      "authentication": "secret" | "iam",     required; how the proxy authenticates to the database
      "users": [                              required; made, or brought to exactly this state
        {"name": "shop_api", "access": "read-write", "password": "..."},
        {"name": "shop_read", "access": "read-only", "password": "..."}
      ],                                      "password" only and always with "secret"
      "retired_users": ["shop_api_1"],        dropped, after everything else succeeded (default none)
      "migrate": true,                        apply migrations/*.sql of the bundle (default true)
      "revision": "sha256 of the inputs",     ignored: lets a stack see that the input changed
      "tf": {...}                             ignored (added by aws.lambda.Invocation with lifecycle CRUD);
                                              with {"action": "delete"} the function does nothing
    }

The answer: {"database": "shop", "applied": ["0001_orders.sql"], "users": ["shop_api", "shop_read"]}.
A failure is raised, so that Lambda answers with a FunctionError and `pulumi up` shows its text: the file, the number
and line of the statement, and MySQL's error. Neither answer nor text holds a password.

The environment is the function's own (host of the proxy, port, admin user, timeouts: see `api.settings`); the admin
user signs in with an IAM token, so no password is in the environment either. Give the function Lambda's maximum of 900
seconds: a statement's time limit is what remains of it, less the time to report.

Rotation in mode "secret" without downtime: two user names that take turns. A change of the stack makes the next user
here, moves the function and the proxy's secret to it, and names the one before the last in `retired_users`.
"""
