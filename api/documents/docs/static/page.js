"use strict";

const place = document.getElementById("swagger-ui");

SwaggerUIBundle({
  url: new URL(place.dataset.document, window.location.href).href,
  domNode: place,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  docExpansion: "none",
  filter: true,
  showCommonExtensions: true,
  showExtensions: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
