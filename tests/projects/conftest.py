"""Published modules, as the tests of `ao_runtime.wasm` have them."""

from tests.wasm.conftest import compiled, published

__all__ = ["compiled", "published"]
