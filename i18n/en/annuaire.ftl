# annuaire
