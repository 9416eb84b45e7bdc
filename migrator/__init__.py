"""The deploy-time program that makes the database's users and applies `migrations/*.sql`.

It runs as a Lambda function of its own (`migrator.handler`) and on any machine (`python -m migrator`).
"""
