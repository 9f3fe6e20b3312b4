"""The clinicians who write, each with a patient: `python -m tests.failover.world COUNT` stores them and prints JSON."""

import json
import sys

import django

if __name__ == "__main__":
    django.setup()
    from tests import builders

    product = builders.a_product()
    muscles = [builders.a_muscle(name).pk for name in ("SCM", "LS")]
    users = []
    for _ in range(int(sys.argv[1])):
        clinician = builders.a_clinician()
        patient = builders.a_patient(by=clinician)
        users.append(
            {
                "id": clinician.pk,
                "username": clinician.username,
                "patient": patient.pk,
                "product": product.pk,
                "muscles": muscles,
                "token": builders.a_token(by=clinician).secret,
            }
        )
    print(json.dumps(users))
