"""The CDK app: what a stage of Cirrus consists of, and how its parts are built and deployed."""
