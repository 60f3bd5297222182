# A bucket for backups in any storage that speaks S3: the provider is given its endpoint.

terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.80"
    }
  }
}

variable "bucket" {
  description = "Name of the bucket."
  type        = string
}

variable "retain_days" {
  description = "Days in which nobody, whoever has the keys, can remove or overwrite a backup."
  type        = number

  validation {
    condition     = var.retain_days >= 7
    error_message = "At least a week."
  }
}

resource "aws_s3_bucket" "this" {
  bucket              = var.bucket
  object_lock_enabled = true
  force_destroy       = false
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "this" {
  bucket     = aws_s3_bucket.this.id
  depends_on = [aws_s3_bucket_versioning.this]

  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = var.retain_days
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket     = aws_s3_bucket.this.id
  depends_on = [aws_s3_bucket_versioning.this]

  rule {
    id     = "expire"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = var.retain_days
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }
  }
}

output "bucket" {
  description = "Name of the bucket, once it is as it has to be."
  value       = aws_s3_bucket_object_lock_configuration.this.bucket
}
