"""The web pages: a private bucket, and before it a distribution that also leads /api to the API."""

from __future__ import annotations

from typing import Any

from chalicelib.pages import HEADERS, START
from infra.aws.storage import only_encrypted, private_bucket
from infra.aws.terms import Resources, att, ref, sub

CACHED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
UNCACHED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""Policies that AWS manages: CachingOptimized, CachingDisabled, AllViewerExceptHostHeader."""
TWO_YEARS = 63_072_000
HERE = "connect-src 'self'"
BUCKET = " https://${Dropped.RegionalDomainName} https://${Dropped.DomainName}"
"""Pages also send large files to the one bucket, by either of its names."""
NAME = sub("${AWS::StackName}-${AWS::Region}")
"""Names of policies are one for all regions of an account."""


def site(edge: bool) -> Resources:
    """The bucket; with a distribution where the partition has one that needs no address of one's own."""
    bucket = {
        **private_bucket(
            {"SSEAlgorithm": "AES256"}, {}, {}
        ),  # public pages: the distribution needs no key then
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Retain",
    }
    if not edge:
        return {"Site": bucket, "SitePolicy": only_encrypted("Site")}
    return {
        "Site": bucket,
        "SitePolicy": only_encrypted("Site", _readable()),
        "SiteAccess": {
            "Type": "AWS::CloudFront::OriginAccessControl",
            "Properties": {
                "OriginAccessControlConfig": {
                    "Name": NAME,
                    "OriginAccessControlOriginType": "s3",
                    "SigningBehavior": "always",
                    "SigningProtocol": "sigv4",
                }
            },
        },
        "SiteHeaders": _headers(),
        "Distribution": _distribution(),
    }


def outputs(edge: bool) -> dict[str, Any]:
    """Where the pages go and are seen."""
    bucket = {"SiteBucket": {"Value": ref("Site")}}
    if not edge:
        return bucket
    address = {"Value": sub("https://${Distribution.DomainName}/")}
    return {**bucket, "Address": address, "DistributionId": {"Value": ref("Distribution")}}


def _readable() -> dict[str, Any]:
    ours = sub("arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}")
    return {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": sub("${Site.Arn}/*"),
        "Condition": {"StringEquals": {"AWS:SourceArn": ours}},
    }


def _headers() -> dict[str, Any]:
    """The headers that the embedded server sends, from the same place, and that only HTTPS is spoken here."""
    known = {
        "ContentSecurityPolicy": {
            "ContentSecurityPolicy": sub(HEADERS["Content-Security-Policy"].replace(HERE, HERE + BUCKET)),
            "Override": True,
        },
        "ContentTypeOptions": {"Override": True},
        "ReferrerPolicy": {"ReferrerPolicy": HEADERS["Referrer-Policy"], "Override": True},
        "StrictTransportSecurity": {"AccessControlMaxAgeSec": TWO_YEARS, "Override": True},
    }
    opener = "Cross-Origin-Opener-Policy"
    custom = [{"Header": opener, "Value": HEADERS[opener], "Override": True}]
    return {
        "Type": "AWS::CloudFront::ResponseHeadersPolicy",
        "Properties": {
            "ResponseHeadersPolicyConfig": {
                "Name": NAME,
                "SecurityHeadersConfig": known,
                "CustomHeadersConfig": {"Items": custom},
            }
        },
    }


def _distribution() -> dict[str, Any]:
    api = sub("${RestAPI}.execute-api.${AWS::Region}.${AWS::URLSuffix}")
    return {
        "Type": "AWS::CloudFront::Distribution",
        "Properties": {
            "DistributionConfig": {
                "Enabled": True,
                "Comment": ref("AWS::StackName"),
                "DefaultRootObject": START,
                "HttpVersion": "http2and3",
                "PriceClass": "PriceClass_200",
                "Origins": [
                    {
                        "Id": "pages",
                        "DomainName": att("Site", "RegionalDomainName"),
                        "OriginAccessControlId": att("SiteAccess", "Id"),
                        "S3OriginConfig": {"OriginAccessIdentity": ""},
                    },
                    {
                        "Id": "api",
                        "DomainName": api,
                        "CustomOriginConfig": {
                            "OriginProtocolPolicy": "https-only",
                            "OriginSSLProtocols": ["TLSv1.2"],
                        },
                    },
                ],
                "DefaultCacheBehavior": {
                    **_behaviour("pages", CACHED, ["GET", "HEAD"]),
                    "ResponseHeadersPolicyId": ref("SiteHeaders"),
                },
                "CacheBehaviors": [
                    {
                        "PathPattern": "/api/*",
                        **_behaviour("api", UNCACHED, METHODS),
                        "OriginRequestPolicyId": ALL_BUT_HOST,
                    }
                ],
            }
        },
    }


METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]


def _behaviour(origin: str, caching: str, methods: list[str]) -> dict[str, Any]:
    return {
        "TargetOriginId": origin,
        "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": methods,
        "CachePolicyId": caching,
        "Compress": True,
    }
