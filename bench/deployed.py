"""The hand-written API as people deploy it: a Lambda function that signs a token with boto3 and connects to RDS Proxy.

As in AWS's guide, but with the certificate verified:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.Connecting.Python.html
"""

from __future__ import annotations

import os
from typing import Any

import boto3
from pymysql.constants import CLIENT

from bench.handwritten import keeping

_host, _port, _user = os.environ["HOST"], int(os.environ["PORT"]), os.environ["USER"]
_client: Any = boto3.client("rds", region_name=os.environ["AWS_REGION"])

handler = keeping(
    {
        "host": _host,
        "port": _port,
        "user": _user,
        "password": _client.generate_db_auth_token(DBHostname=_host, Port=_port, DBUsername=_user),
        "database": os.environ["DATABASE"],
        "charset": "utf8mb4",
        "ssl_ca": os.environ["AUTHORITIES"],
        "ssl_verify_identity": True,
        "client_flag": CLIENT.FOUND_ROWS,  # of the connections that the stand-in shares among its clients
    }
)
