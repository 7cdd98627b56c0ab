"""Doors beside API, queue and bucket, each shut until a parameter opens it: mail and Amazon Connect.

Both only leave files in the bucket of dropped files; what reads those reads these. China has neither: SES receives
no mail there, and there is no Connect.
"""

from __future__ import annotations

from typing import Any

from infra.aws.terms import Resources, allow, att, ref, sub
from infra.aws.watching import alarm, metric

MAIL, RECORDS, FAILED = "in/mail/", "in/connect/", "failed/connect/"
"""Where in the bucket; what Firehose could not hand over lies where nobody reads it as contacts."""
RULE = "mail"


def doors() -> Resources:
    """All of it."""
    return {**_mail(), **_records()}


def parameters() -> dict[str, Any]:
    """What opens them."""
    return {
        "MailRecipients": {
            "Type": "CommaDelimitedList",
            "Default": "",
            "Description": "Addresses or domains whose mail becomes contacts (SES); empty receives none",
        },
        "MailTls": {
            "Type": "String",
            "Default": "Require",
            "AllowedValues": ["Require", "Optional"],
            "Description": "Optional also receives mail that comes unencrypted",
        },
        "ConnectRecords": {
            "Type": "String",
            "Default": "false",
            "AllowedValues": ["true", "false"],
            "Description": "true makes a stream that Amazon Connect can send its contact records to",
        },
    }


def conditions() -> dict[str, Any]:
    """Whether they are open."""
    nobody = {"Fn::Equals": [{"Fn::Join": ["", ref("MailRecipients")]}, ""]}
    return {
        "TakesMail": {"Fn::Not": [nobody]},
        "TakesRecords": {"Fn::Equals": [ref("ConnectRecords"), "true"]},
    }


def outputs() -> dict[str, Any]:
    """What whoever opens a door still has to be told: a rule set to make active, a stream to choose in Connect."""
    return {
        "MailRules": {"Condition": "TakesMail", "Value": ref("MailRules")},
        "RecordsStream": {"Condition": "TakesRecords", "Value": ref("Records")},
    }


def mail_writer() -> dict[str, Any]:
    """The statement that lets SES, by our rule alone, put messages into the bucket."""
    rule = f"receipt-rule-set/${{AWS::StackName}}:receipt-rule/{RULE}"
    return {
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": sub("${Dropped.Arn}/" + MAIL + "*"),
        "Condition": {
            "StringEquals": {
                "aws:SourceAccount": ref("AWS::AccountId"),
                "aws:SourceArn": sub("arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:" + rule),
            }
        },
    }


def key_user() -> dict[str, Any]:
    """The statement that lets SES use the key that the bucket encrypts with; "*" is that key."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}},
    }


def _mail() -> Resources:
    """One rule. SES tries whether it may write as soon as there is a rule, so the bucket must know of it before."""
    rule = {
        "Name": RULE,
        "Enabled": True,
        "ScanEnabled": True,  # for spam and viruses; its verdicts are read with the message
        "TlsPolicy": ref("MailTls"),
        "Recipients": ref("MailRecipients"),
        "Actions": [{"S3Action": {"BucketName": ref("Dropped"), "ObjectKeyPrefix": MAIL}}],
    }
    return {
        "MailRules": {
            "Type": "AWS::SES::ReceiptRuleSet",
            "Condition": "TakesMail",
            "Properties": {"RuleSetName": ref("AWS::StackName")},
        },
        "MailRule": {
            "Type": "AWS::SES::ReceiptRule",
            "Condition": "TakesMail",
            "DependsOn": "DroppedPolicy",
            "Properties": {"RuleSetName": ref("MailRules"), "Rule": rule},
        },
    }


def _records() -> Resources:
    """Firehose gathers records for minutes and stores them a line each: one file, one turn of the function."""
    lines = {
        "Enabled": True,
        "Processors": [
            {
                "Type": "AppendDelimiterToRecord",
                "Parameters": [{"ParameterName": "Delimiter", "ParameterValue": "\\n"}],
            }
        ],
    }
    destination = {
        "BucketARN": att("Dropped", "Arn"),
        "RoleARN": att("RecordsRole", "Arn"),
        "Prefix": RECORDS,
        "ErrorOutputPrefix": FAILED,
        # Lateness against calls of the function: a file every five minutes, sooner when there are 16 MB.
        "BufferingHints": {"IntervalInSeconds": 300, "SizeInMBs": 16},
        "CompressionFormat": "UNCOMPRESSED",
        "EncryptionConfiguration": {"KMSEncryptionConfig": {"AWSKMSKeyARN": att("Key", "Arn")}},
        "CloudWatchLoggingOptions": {
            "Enabled": True,
            "LogGroupName": ref("RecordsLogs"),
            "LogStreamName": ref("RecordsLog"),
        },
        "ProcessingConfiguration": lines,
    }
    stream = {
        "DeliveryStreamType": "DirectPut",
        # Connect may write to it without a right to a key of ours.
        "DeliveryStreamEncryptionConfigurationInput": {"KeyType": "AWS_OWNED_CMK"},
        "ExtendedS3DestinationConfiguration": destination,
    }
    late = metric("AWS/Firehose", "DeliveryToS3.DataFreshness", DeliveryStreamName=ref("Records"))
    made: Resources = {
        "Records": {"Type": "AWS::KinesisFirehose::DeliveryStream", "Properties": stream},
        "RecordsLogs": {
            "Type": "AWS::Logs::LogGroup",
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Retain",
            "Properties": {"RetentionInDays": 30, "KmsKeyId": att("Key", "Arn")},
        },
        "RecordsLog": {"Type": "AWS::Logs::LogStream", "Properties": {"LogGroupName": ref("RecordsLogs")}},
        "RecordsRole": _role(),
        "RecordsLate": alarm("Records of calls do not come into the bucket", late, 1_800),
    }
    return {name: {**resource, "Condition": "TakesRecords"} for name, resource in made.items()}


def _role() -> dict[str, Any]:
    """Writes to the bucket what it gathered, and to its log what it could not."""
    bucket = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    places = [sub("${Dropped.Arn}/" + prefix + "*") for prefix in (RECORDS, FAILED)]
    log = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${RecordsLogs}:log-stream:${RecordsLog}"
    statements = [
        allow(bucket, att("Dropped", "Arn")),
        allow(["s3:PutObject", "s3:AbortMultipartUpload"], *places),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], att("Key", "Arn")),
        allow(["logs:PutLogEvents"], sub(log)),
    ]
    assumes = {
        "Effect": "Allow",
        "Principal": {"Service": "firehose.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": ref("AWS::AccountId")}},
    }
    own = {"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [assumes]},
            "Policies": [own],
        },
    }
