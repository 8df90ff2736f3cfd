"""The engine: experiments as graphs of named operations, stepped on live PyTorch tensors. It knows no screen."""
