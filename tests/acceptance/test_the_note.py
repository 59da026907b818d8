"""The note that the project starts from: its files run under their literal names, with one import line changed."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

FILES = {
    "settings.py": """
        SECRET_KEY = "the note's"
        INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "store.apps.StoreConfig"]
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "note.sqlite3"}}
        DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
    """,
    "store/__init__.py": "",
    "store/apps.py": """
        from django.apps import AppConfig


        class StoreConfig(AppConfig):
            default_auto_field = 'django.db.models.BigAutoField'
            name = 'store'

            def ready(self) -> None:
                import store.signals
                import store.signal.handler
    """,
    "store/models.py": """
        import uuid

        from django.conf import settings
        from django.db import models


        class Customer(models.Model):
            user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)


        class Product(models.Model):
            unit_price = models.DecimalField(max_digits=6, decimal_places=2)


        class Cart(models.Model):
            id = models.UUIDField(primary_key=True, default=uuid.uuid4)


        class CartItem(models.Model):
            cart = models.ForeignKey(Cart, on_delete=models.CASCADE)
            product = models.ForeignKey(Product, on_delete=models.CASCADE)
            quantity = models.PositiveIntegerField()


        class Order(models.Model):
            customer = models.ForeignKey(Customer, on_delete=models.PROTECT)


        class OrderItem(models.Model):
            order = models.ForeignKey(Order, on_delete=models.CASCADE)
            product = models.ForeignKey(Product, on_delete=models.PROTECT)
            quantity = models.PositiveIntegerField()
            unit_price = models.DecimalField(max_digits=6, decimal_places=2)
    """,
    # The note's step 2; `customer_order_created`, which the note uses, is made here.
    "store/signals.py": """
        from django.conf import settings
        from django.db.models.signals import post_save
        from heliograph import Signal, receiver

        from . import models

        customer_order_created = Signal()

        # When we create a post in sender (module), it will trigger

        @receiver([post_save],sender=settings.AUTH_USER_MODEL)
        def create_refer_in_customer_with_userid(sender,**kwargs):
              print("Trigging signal")
              print(kwargs)
              if kwargs['created']:
                  models.Customer.objects.create(user=kwargs['instance'])
    """,
    "store/signal/__init__.py": "",
    # The note's `save`, in the serializer that it belongs to, and the receiver of its last step.
    "store/signal/handler.py": """
        from django.db import transaction
        from heliograph import receiver

        from store import models, signals
        from store.signals import customer_order_created


        class CreateOrderSerializer:
            def __init__(self, validated_data, context):
                self.validated_data = validated_data
                self.context = context

            def save(self, **kwargs):
                with transaction.atomic():
                  print("Running Transaction Proccess....")

                  cart_id = self.validated_data['cart_id'] # Get the cart id
                  get_user_id = self.context['get_user_id'] # get the user id form customer
                  print(cart_id)
                  print(get_user_id)
                  # Getting Customer from User id  #
                  (customer, created) = models.Customer.objects.get_or_create(user_id=get_user_id)

                  # Create Order Table #
                  order_customer_created = models.Order.objects.create(customer=customer)

                  # filter the cartitems table #
                  cartItems = models.CartItem.objects.select_related('product').filter(cart_id=cart_id)

                  # Create OrdenItems Table #
                  order_items = [models.OrderItem(
                       order=order_customer_created,
                       product=cartItems.product,
                       quantity=cartItems.quantity,
                       unit_price=cartItems.product.unit_price
                  ) for cartItems in cartItems]

                  models.OrderItem.objects.bulk_create(order_items)

                  # Delete Cart Row #
                  print("Deleting Cart...")
                  models.Cart.objects.filter(pk=cart_id).delete()

                  # IT created a order send to Trigger Signal #
                  signals.customer_order_created.send_robust(self.__class__, order=order_customer_created)

                  return order_customer_created


        @receiver(customer_order_created) # Suscribing this handler #
        def create_an_order(sender, **kwargs):
            print("Trigging signal")
            print(kwargs)
            pass
    """,
    "run.py": """
        import django

        django.setup()

        from django.contrib.auth import get_user_model
        from django.core.management import call_command
        from store import models
        from store.signal.handler import CreateOrderSerializer

        call_command("migrate", run_syncdb=True, verbosity=0)

        print("-- a user")
        user = get_user_model().objects.create_user("lena")
        assert models.Customer.objects.get().user == user

        print("-- the user saved again")
        user.save()
        assert models.Customer.objects.count() == 1

        print("-- an order")
        cart = models.Cart.objects.create()
        product = models.Product.objects.create(unit_price="2.50")
        models.CartItem.objects.create(cart=cart, product=product, quantity=2)
        order = CreateOrderSerializer({"cart_id": cart.pk}, {"get_user_id": user.pk}).save()
        assert order.customer.user == user
        assert [(item.quantity, str(item.unit_price)) for item in order.orderitem_set.all()] == [(2, "2.50")]
        assert not models.Cart.objects.exists()
    """,
}


@pytest.fixture(params=["without the app", "with the app"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The note's project; `heliograph` need not be in INSTALLED_APPS, and connects nothing twice when it is."""
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")
    if request.param == "with the app":
        with (tmp_path / "settings.py").open("a", encoding="utf-8") as settings:
            settings.write('INSTALLED_APPS += ["heliograph"]\n')
    return tmp_path


def test_the_note_runs(project: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "run.py"],
        cwd=project,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr

    _, user, saved_again, order = ran.stdout.split("-- ")
    assert user.count("Trigging signal") == 1
    assert "'created': True" in user
    assert saved_again.count("Trigging signal") == 1
    assert "'created': False" in saved_again
    assert order.count("Trigging signal") == 1
    assert "'order': <Order: Order object (1)>" in order
