"""The web app and the one public origin: CloudFront before the bucket, the REST API and the WebSocket API."""

from aws_cdk import CfnOutput, DefaultStackSynthesizer, Duration, RemovalPolicy, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment
from constructs import Construct

from infra import names
from infra.acknowledge import acknowledge, managed_policy, wildcard_resource
from infra.build import Builder
from infra.constructs.domain_function import log_group
from infra.edge_rules import ORIGIN_VERIFY, viewer_function
from infra.routes import API_ROOTS, API_STAGE, SOCKET_PATH
from infra.security_headers import HSTS_SECONDS, PERMISSIONS_POLICY, content_security_policy
from infra.stage import Stage

IMMUTABLE = "_app/immutable/*"
"""What the build names by content hash; older ones stay for tabs that are open."""


class WebStack(Stack):
    """Nothing is answered by an error page: the viewer function chooses the page, so an API's 404 stays one."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, builder: Builder, rest_api: str, socket_api_id: str
    ) -> None:
        """`rest_api` is the parameter that holds the REST API's id."""
        super().__init__(scope, construct_id, description=f"Cirrus {stage.name}: web app, CloudFront")
        self._stage = stage
        self._rest_api_id, self._socket_api_id = names.parameter_value(stage, rest_api), socket_api_id
        folder = builder.web()
        self._function = cloudfront.Function(
            self,
            "Viewer",
            function_name=names.named(stage, "viewer"),
            code=cloudfront.FunctionCode.from_inline(viewer_function()),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
        )
        bucket = self._bucket()
        distribution = self._distribution(bucket, (folder / "index.html").read_text())
        self._deploy(bucket, str(folder))
        acknowledge(bucket, {"S1": "It holds the public web app only."})
        acknowledge(distribution, _REASONS)
        acknowledge(self, self._deployment_reasons(bucket))
        CfnOutput(self, "Url", value=f"https://{distribution.distribution_domain_name}")

    def _bucket(self) -> s3.Bucket:
        return s3.Bucket(
            self,
            "Web",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            # Everything in it is built from the sources.
            removal_policy=RemovalPolicy.DESTROY,
            auto_delete_objects=True,
        )

    def _distribution(self, bucket: s3.Bucket, index_html: str) -> cloudfront.Distribution:
        # With LIST a file that is not there is a 404; without it S3 would say 403.
        files = origins.S3BucketOrigin.with_origin_access_control(
            bucket, origin_access_levels=[cloudfront.AccessLevel.READ, cloudfront.AccessLevel.LIST]
        )
        headers = self._headers(index_html)
        api = self._api_behavior(self._origin(self._rest_api_id, path=f"/{API_STAGE}"))
        behaviors = {pattern: api for root in API_ROOTS for pattern in (root, f"{root}/*")}
        behaviors[f"{SOCKET_PATH}*"] = self._api_behavior(self._origin(self._socket_api_id))
        return cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"Cirrus {self._stage.name}",
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            price_class=cloudfront.PriceClass.PRICE_CLASS_ALL,
            default_behavior=cloudfront.BehaviorOptions(
                origin=files,
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
                response_headers_policy=headers,
                function_associations=[self._viewer()],
                compress=True,
            ),
            additional_behaviors=behaviors,
        )

    def _origin(self, api_id: str, path: str | None = None) -> origins.HttpOrigin:
        return origins.HttpOrigin(
            f"{api_id}.execute-api.{self.region}.{self.url_suffix}",
            origin_path=path,
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
            custom_headers={ORIGIN_VERIFY: names.origin_secret(self._stage)},
            read_timeout=Duration.seconds(120),
            keepalive_timeout=Duration.seconds(60),
        )

    def _api_behavior(self, origin: origins.HttpOrigin) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=origin,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            # API Gateway tells its APIs apart by Host, so the viewer's must not reach it.
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            function_associations=[self._viewer()],
            compress=False,
        )

    def _viewer(self) -> cloudfront.FunctionAssociation:
        return cloudfront.FunctionAssociation(
            function=self._function, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST
        )

    def _headers(self, index_html: str) -> cloudfront.ResponseHeadersPolicy:
        bucket = names.files_bucket(self._stage)
        storage = (
            f"https://{bucket}.s3.{self.url_suffix}",
            f"https://{bucket}.s3.{self.region}.{self.url_suffix}",
        )
        return cloudfront.ResponseHeadersPolicy(
            self,
            "Headers",
            response_headers_policy_name=names.named(self._stage, "web"),
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=content_security_policy(index_html, storage), override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN, override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=Duration.seconds(HSTS_SECONDS), include_subdomains=False, override=True
                ),
            ),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(
                        header="permissions-policy", value=PERMISSIONS_POLICY, override=True
                    )
                ]
            ),
        )

    def _deploy(self, bucket: s3.Bucket, folder: str) -> None:
        log = log_group(self, "DeployLog", self._stage, f"/aws/lambda/{names.named(self._stage, 'web-deploy')}")
        # Hashed files first, so that a page never names one that is not there yet.
        hashed = deployment.BucketDeployment(
            self,
            "Hashed",
            sources=[deployment.Source.asset(folder)],
            destination_bucket=bucket,
            exclude=["*"],
            include=[IMMUTABLE],
            prune=False,
            cache_control=[deployment.CacheControl.from_string("public, max-age=31536000, immutable")],
            memory_limit=512,
            log_group=log,
        )
        pages = deployment.BucketDeployment(
            self,
            "Pages",
            sources=[deployment.Source.asset(folder)],
            destination_bucket=bucket,
            exclude=[IMMUTABLE],
            prune=False,
            cache_control=[deployment.CacheControl.from_string("no-cache")],
            memory_limit=512,
            log_group=log,
        )
        pages.node.add_dependency(hashed)

    def _deployment_reasons(self, bucket: s3.Bucket) -> dict[str, str]:
        own = "CDK's own function that uploads the web app: it reads the asset bucket and writes this one."
        qualifier = DefaultStackSynthesizer.DEFAULT_QUALIFIER
        assets = f"arn:<AWS::Partition>:s3:::cdk-{qualifier}-assets-<AWS::AccountId>-<AWS::Region>/*"
        actions = ("GetObject", "GetBucket", "List", "DeleteObject", "Abort")
        findings = [
            *(f"IAM5[Action::s3:{action}*]" for action in actions),
            f"IAM5[Resource::{assets}]",
            wildcard_resource(self, bucket.arn_for_objects("*")),
            managed_policy("service-role/AWSLambdaBasicExecutionRole"),
            "L1",
        ]
        return dict.fromkeys(findings, own)


_REASONS = {
    "CFR1": "People are wherever they are.",
    "CFR2": "A web ACL costs $5 a month idle; the APIs throttle.",
    "CFR3": "The APIs log their requests; the rest is the public web app.",
    "CFR4": "The distribution's own certificate fixes the policy; it takes effect with a domain of your own.",
}
