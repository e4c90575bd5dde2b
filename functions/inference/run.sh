#!/bin/sh
# The Lambda handler of this function: the Lambda Web Adapter (AWS_LAMBDA_EXEC_WRAPPER=/opt/bootstrap) starts it and
# passes requests on to PORT. https://github.com/awslabs/aws-lambda-web-adapter
PYTHONPATH="${LAMBDA_TASK_ROOT:-.}:/opt/python:${LAMBDA_RUNTIME_DIR:-}:${PYTHONPATH:-}"
export PYTHONPATH
exec python3 -m uvicorn functions.inference.handler:app --host 127.0.0.1 --port "${PORT:-8080}" \
  --no-access-log --log-level warning --timeout-keep-alive 65
