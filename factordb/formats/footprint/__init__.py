"""Product carbon footprints as companies exchange them: PACT v3 and v2.3, Catena-X PCF 9.

One footprint is one factor of kind *factor*. Schemas: OpenAPI of the PACT technical specifications v2.3.3 and v3.0.3
(WBCSD), aspect model io.catenax.pcf 9.0.0 (Eclipse Tractus-X).
"""
