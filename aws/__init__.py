"""The cloud half: DynamoDB, the stack, the Lambda's packaging and the local cloud.

Imports neither Streamlit nor TensorFlow, and of `iris_core` only `records`.
"""
