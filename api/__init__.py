"""The API that the Lambda function serves: a request becomes a plan, a plan becomes SQL, rows become an answer."""
