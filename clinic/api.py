"""The DRF router: one register() per viewset."""

from rest_framework.routers import SimpleRouter

from planning.api import MuscleViewSet, ProductViewSet

router = SimpleRouter()
router.register("muscles", MuscleViewSet, basename="muscle")
router.register("products", ProductViewSet, basename="product")
