"""The engine: experiments as graphs of named operations, stepped on live PyTorch tensors. It knows no lesson and no screen."""
