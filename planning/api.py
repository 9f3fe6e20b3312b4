"""The catalogue for programs, to read."""

from rest_framework import serializers, viewsets
from rest_framework.pagination import CursorPagination

from clinic.permissions import Permission
from planning.models import Muscle, Product


class InCatalogueOrder(CursorPagination):
    ordering = ("order", "pk")


class MuscleSerializer(serializers.ModelSerializer):
    retired = serializers.BooleanField(source="is_retired")

    class Meta:
        model = Muscle
        fields = [
            "id", "name", "latin_name", "short_name", "synonyms", "group", "sides", "description", "source",
            "uberon", "fma", "ta98", "snomed_ct", "map_place", "retired", "version",
        ]  # fmt: skip
        read_only_fields = fields


class ProductSerializer(serializers.ModelSerializer):
    retired = serializers.BooleanField(source="is_retired")

    class Meta:
        model = Product
        fields = ["id", "brand_name", "nonproprietary_name", "unit_label", "retired", "version"]
        read_only_fields = fields


class CatalogueViewSet(viewsets.ReadOnlyModelViewSet):
    """Retired entries too; old records name them."""

    permissions = {"list": Permission.SEE_CATALOGUE, "retrieve": Permission.SEE_CATALOGUE}
    pagination_class = InCatalogueOrder


class MuscleViewSet(CatalogueViewSet):
    queryset = Muscle.objects.all()
    serializer_class = MuscleSerializer


class ProductViewSet(CatalogueViewSet):
    queryset = Product.objects.all()
    serializer_class = ProductSerializer
