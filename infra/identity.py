"""An optional Cognito user pool, as the issuer of the API's tokens."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.config import StackConfig


@dataclass(frozen=True, slots=True)
class IdentityArgs:
    """The configuration's region is part of the issuer's address."""

    config: StackConfig
    prefix: pulumi.Output[str]


class Identity(pulumi.ComponentResource):
    """A pool whose users an administrator invites, and a public client for it. Outputs: `issuer`, `audience`."""

    issuer: pulumi.Output[str]
    audience: pulumi.Output[str]

    def __init__(self, name: str, args: IdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurorest:infra:Identity", name, None, opts)
        pool = aws.cognito.UserPool(
            f"{name}-users",
            name=args.prefix,
            username_attributes=["email"],
            auto_verified_attributes=["email"],
            deletion_protection="ACTIVE" if args.config.database.deletion_protection else "INACTIVE",
            admin_create_user_config=aws.cognito.UserPoolAdminCreateUserConfigArgs(allow_admin_create_user_only=True),
            password_policy=aws.cognito.UserPoolPasswordPolicyArgs(
                minimum_length=12,
                require_lowercase=True,
                require_uppercase=True,
                require_numbers=True,
                require_symbols=False,
                temporary_password_validity_days=7,
            ),
            mfa_configuration="OPTIONAL",
            software_token_mfa_configuration=aws.cognito.UserPoolSoftwareTokenMfaConfigurationArgs(enabled=True),
            opts=pulumi.ResourceOptions(parent=self, protect=args.config.protect),
        )
        client = aws.cognito.UserPoolClient(
            f"{name}-client",
            name=args.prefix,
            user_pool_id=pool.id,
            generate_secret=False,
            explicit_auth_flows=["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            access_token_validity=1,
            id_token_validity=1,
            token_validity_units=aws.cognito.UserPoolClientTokenValidityUnitsArgs(
                **dict.fromkeys(("access_token", "id_token"), "hours")
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.issuer = pulumi.Output.concat(f"https://cognito-idp.{args.config.region}.amazonaws.com/", pool.id)
        self.audience = client.id
        self.register_outputs({"issuer": self.issuer, "audience": self.audience})
