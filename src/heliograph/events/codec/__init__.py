"""The payload codec: arguments of a sending as JSON and back, nothing pickled, nothing imported."""
