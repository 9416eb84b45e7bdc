"""The API's custom domain, with a given or an issued certificate."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.config import FrontOptions


@dataclass(frozen=True, slots=True)
class DomainArgs:
    """Without a certificate one is issued, proved in the hosted zone; without a hosted zone no record is made."""

    options: FrontOptions
    api_id: pulumi.Input[str]
    stage_name: pulumi.Input[str]


class Domain(pulumi.ComponentResource):
    """The name. Outputs: `url`, `target` (what a DNS record made elsewhere points to)."""

    url: pulumi.Output[str]
    target: pulumi.Output[str]

    def __init__(self, name: str, args: DomainArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurorest:infra:Domain", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        domain = aws.apigatewayv2.DomainName(
            f"{name}-name",
            domain_name=args.options.domain_name,
            domain_name_configuration=aws.apigatewayv2.DomainNameDomainNameConfigurationArgs(
                certificate_arn=args.options.certificate_arn or self._certificate(name, args),
                endpoint_type="REGIONAL",
                security_policy="TLS_1_2",
            ),
            opts=child,
        )
        aws.apigatewayv2.ApiMapping(
            f"{name}-mapping", api_id=args.api_id, domain_name=domain.id, stage=args.stage_name, opts=child
        )
        configuration = domain.domain_name_configuration
        self.target = configuration.target_domain_name.apply(lambda target: target or "")
        if args.options.hosted_zone_id:
            aws.route53.Record(
                f"{name}-address",
                zone_id=args.options.hosted_zone_id,
                name=args.options.domain_name,
                type=aws.route53.RecordType.A,
                aliases=[
                    aws.route53.RecordAliasArgs(
                        name=self.target,
                        zone_id=configuration.hosted_zone_id.apply(lambda zone: zone or ""),
                        evaluate_target_health=False,
                    )
                ],
                opts=child,
            )
        self.url = pulumi.Output.from_input(f"https://{args.options.domain_name}")
        self.register_outputs({"url": self.url, "target": self.target})

    def _certificate(self, name: str, args: DomainArgs) -> pulumi.Output[str]:
        child = pulumi.ResourceOptions(parent=self)
        certificate = aws.acm.Certificate(
            f"{name}-certificate",
            domain_name=args.options.domain_name,
            validation_method="DNS",
            opts=child,
        )
        proof = certificate.domain_validation_options[0]
        record = aws.route53.Record(
            f"{name}-proof",
            zone_id=args.options.hosted_zone_id,
            name=proof.resource_record_name.apply(lambda found: found or ""),
            type=proof.resource_record_type.apply(lambda found: found or "CNAME"),
            records=[proof.resource_record_value.apply(lambda found: found or "")],
            ttl=300,
            allow_overwrite=True,
            opts=child,
        )
        validated = aws.acm.CertificateValidation(
            f"{name}-validation",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            opts=child,
        )
        return validated.certificate_arn
