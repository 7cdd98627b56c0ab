"""What keeps data: the table, the bucket of trained taggers, and the key and the secret that protect them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from infra.aws.doors import key_user, mail_writer
from infra.aws.table import OWN
from infra.aws.terms import Resources, att, ref, sub, when

TABLE = Path(__file__).parents[1] / "table.json"
KEPT = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
"""What is lost with the stack cannot be had back."""
NOT_HEX = "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZABCDEF!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


def storage(mail: bool) -> Resources:
    """All of it; `mail`: with what a partition needs where mail is received."""
    return {
        **_table(),
        "Key": _key(mail),
        "KeyName": _key_name(),
        "Secret": _secret(),
        **models(),
        **dropped(mail),
    }


def _table() -> Resources:
    """`table.json`, which the tests of the store use too, encrypted with our key and guarded against deletion."""
    resources: Resources = json.loads(TABLE.read_text("utf-8"))["Resources"]
    resources["Table"]["Condition"] = OWN
    resources["Table"]["Properties"] |= {
        "DeletionProtectionEnabled": True,
        "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": att("Key", "Arn")},
    }
    return resources


def _key(mail: bool) -> dict[str, Any]:
    users = [_owner(), _logs(), _tellers(), *([when("TakesMail", key_user())] if mail else [])]
    return {
        "Type": "AWS::KMS::Key",
        **KEPT,
        "Properties": {
            "Description": sub("${AWS::StackName}: contacts, queues, models, logs, alarms"),
            "EnableKeyRotation": True,
            "KeyPolicy": {"Version": "2012-10-17", "Statement": users},
        },
    }


def _owner() -> dict[str, Any]:
    """The account decides by its own policies, as with every other resource. "*" here is this key: a key's
    policy has no other word for it."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
        "Action": "kms:*",
        "Resource": "*",
    }


def _logs() -> dict[str, Any]:
    groups = sub("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*")
    return {
        "Effect": "Allow",
        "Principal": {"Service": sub("logs.${AWS::Region}.${AWS::URLSuffix}")},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
    }


def _tellers() -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": ["cloudwatch.amazonaws.com", "s3.amazonaws.com"]},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
    }


def _key_name() -> dict[str, Any]:
    return {
        "Type": "AWS::KMS::Alias",
        "Properties": {"AliasName": sub("alias/${AWS::StackName}"), "TargetKeyId": ref("Key")},
    }


def _secret() -> dict[str, Any]:
    """64 hexadecimal digits, made by AWS and seen by nobody. Whoever loses them cannot open an original."""
    return {
        "Type": "AWS::SecretsManager::Secret",
        **KEPT,
        "Properties": {
            "Description": "The vault's secret: never rotate it, originals and names depend on it",
            "KmsKeyId": ref("Key"),
            "GenerateSecretString": {
                "PasswordLength": 64,
                "ExcludeUppercase": True,
                "ExcludePunctuation": True,
                "RequireEachIncludedType": False,
                "ExcludeCharacters": NOT_HEX,
            },
        },
    }


def models() -> Resources:
    """The bucket of trained taggers, with what was replaced for 30 days."""
    old = {"NoncurrentVersionExpiration": {"NoncurrentDays": 30}}
    bucket = private_bucket(OURS, old, {"VersioningConfiguration": {"Status": "Enabled"}})
    return {"Models": {**bucket, **KEPT}, "ModelsPolicy": only_encrypted("Models")}


def dropped(mail: bool) -> Resources:
    """The bucket where other systems drop files. They hold what customers said: no versions, a month at most."""
    bucket = private_bucket(
        OURS,
        {"ExpirationInDays": 30},
        {
            "NotificationConfiguration": {"QueueConfigurations": [TOLD]},
            "CorsConfiguration": {"CorsRules": [SENT]},
        },
    )
    kept = {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Retain", "DependsOn": "DropQueuePolicy"}
    writers = [when("TakesMail", mail_writer())] if mail else []
    return {"Dropped": {**bucket, **kept}, "DroppedPolicy": only_encrypted("Dropped", *writers)}


TOLD = {
    "Event": "s3:ObjectCreated:*",
    "Queue": att("DropQueue", "Arn"),
    "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "in/"}]}},
}
SENT = {"AllowedMethods": ["POST"], "AllowedOrigins": ["*"], "MaxAge": 3_000}
"""Browsers may ask from any page: the signature alone lets a file in, and the pages' address is not known here yet."""
OURS = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": att("Key", "Arn")}


def private_bucket(
    encryption: dict[str, Any], ageing: dict[str, Any], more: dict[str, Any]
) -> dict[str, Any]:
    """A bucket that nobody outside reads, and what is done with what is old."""
    return {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": encryption, "BucketKeyEnabled": True}
                ]
            },
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "Id": "old",
                        "Status": "Enabled",
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                        **ageing,
                    }
                ]
            },
            **more,
        },
    }


def only_encrypted(bucket: str, *statements: dict[str, Any]) -> dict[str, Any]:
    """A bucket's policy: nothing over plain HTTP, and what is allowed besides."""
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [att(bucket, "Arn"), sub("${" + bucket + ".Arn}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": ref(bucket),
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [deny, *statements]},
        },
    }
