"""The deploy-time program that creates the database's users and applies `migrations/*.sql`.

It runs as a Lambda function (`migrator.handler`) and on any machine (`python -m migrator`).
"""
