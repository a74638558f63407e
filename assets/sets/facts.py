"""Facts about places and times, for sets with tags. Coordinates in degrees north and east, to one decimal; years are the common era's."""

LANGUAGES = {"France": "French", "Spain": "Spanish", "Italy": "Italian", "Germany": "German", "England": "English", "Russia": "Russian",
             "Greece": "Greek", "Portugal": "Portuguese", "Poland": "Polish", "Sweden": "Swedish", "Norway": "Norwegian", "Denmark": "Danish",
             "Hungary": "Hungarian", "Ireland": "Irish", "China": "Chinese", "Japan": "Japanese", "Korea": "Korean", "Vietnam": "Vietnamese",
             "Turkey": "Turkish", "Persia": "Persian", "Egypt": "Arabic", "Kenya": "Swahili", "Brazil": "Portuguese", "Cuba": "Spanish",
             "Peru": "Spanish", "Canada": "English", "Chile": "Spanish"}

# country: (latitude, longitude) of about its middle; city, latitude, longitude
COUNTRIES = {
    "France": ((46.6, 2.5), "Paris", 48.9, 2.4), "Spain": ((40.2, -3.6), "Madrid", 40.4, -3.7), "Italy": ((42.8, 12.1), "Rome", 41.9, 12.5),
    "Germany": ((51.1, 10.4), "Berlin", 52.5, 13.4), "England": ((52.6, -1.5), "London", 51.5, -0.1), "Russia": ((61.9, 96.7), "Moscow", 55.8, 37.6),
    "Greece": ((39.1, 22.9), "Athens", 38.0, 23.7), "Portugal": ((39.6, -8.0), "Lisbon", 38.7, -9.1), "Poland": ((52.1, 19.4), "Warsaw", 52.2, 21.0),
    "Sweden": ((62.8, 16.7), "Stockholm", 59.3, 18.1), "Norway": ((64.6, 12.7), "Oslo", 59.9, 10.8), "Denmark": ((56.0, 10.0), "Copenhagen", 55.7, 12.6),
    "Hungary": ((47.2, 19.4), "Budapest", 47.5, 19.0), "Ireland": ((53.2, -8.1), "Dublin", 53.3, -6.3), "China": ((36.6, 103.8), "Beijing", 39.9, 116.4),
    "Japan": ((37.5, 138.0), "Tokyo", 35.7, 139.7), "Vietnam": ((16.6, 106.3), "Hanoi", 21.0, 105.8), "Turkey": ((39.1, 35.2), "Ankara", 39.9, 32.9),
    "Egypt": ((26.5, 29.9), "Cairo", 30.0, 31.2), "Kenya": ((0.5, 37.9), "Nairobi", -1.3, 36.8), "Brazil": ((-10.8, -53.1), "Brasilia", -15.8, -47.9),
    "Cuba": ((21.6, -79.0), "Havana", 23.1, -82.4), "Peru": ((-9.2, -74.4), "Lima", -12.0, -77.0), "Canada": ((61.4, -98.3), "Ottawa", 45.4, -75.7),
    "Chile": ((-37.7, -71.4), "Santiago", -33.4, -70.7),
}
MORE_COUNTRIES = {
    "Austria": ((47.6, 14.1), "Vienna", 48.2, 16.4), "Belgium": ((50.6, 4.6), "Brussels", 50.9, 4.4), "Finland": ((64.5, 26.3), "Helsinki", 60.2, 24.9),
    "Switzerland": ((46.8, 8.2), "Zurich", 47.4, 8.5), "Romania": ((45.9, 25.0), "Bucharest", 44.4, 26.1), "Bulgaria": ((42.8, 25.2), "Sofia", 42.7, 23.3),
    "Serbia": ((44.2, 20.8), "Belgrade", 44.8, 20.5), "Ukraine": ((49.0, 31.4), "Kiev", 50.5, 30.5), "Scotland": ((56.8, -4.2), "Edinburgh", 56.0, -3.2),
    "Iceland": ((65.0, -18.6), "Reykjavik", 64.1, -21.9), "India": ((22.9, 79.6), "Delhi", 28.6, 77.2), "Pakistan": ((29.9, 69.3), "Karachi", 24.9, 67.0),
    "Thailand": ((15.1, 101.0), "Bangkok", 13.8, 100.5), "Indonesia": ((-2.2, 117.2), "Jakarta", -6.2, 106.8), "Mongolia": ((46.8, 103.1), "Ulaanbaatar", 47.9, 106.9),
    "Iran": ((32.6, 54.3), "Tehran", 35.7, 51.4), "Iraq": ((33.0, 43.7), "Baghdad", 33.3, 44.4), "Israel": ((31.5, 34.9), "Jerusalem", 31.8, 35.2),
    "Syria": ((35.0, 38.5), "Damascus", 33.5, 36.3), "Afghanistan": ((33.8, 66.0), "Kabul", 34.5, 69.2), "Philippines": ((11.8, 122.9), "Manila", 14.6, 121.0),
    "Australia": ((-25.7, 134.5), "Sydney", -33.9, 151.2), "New Zealand": ((-41.8, 171.5), "Wellington", -41.3, 174.8), "Morocco": ((29.8, -8.5), "Casablanca", 33.6, -7.6),
    "Algeria": ((28.2, 2.6), "Algiers", 36.8, 3.1), "Nigeria": ((9.6, 8.1), "Lagos", 6.5, 3.4), "Ethiopia": ((8.6, 39.6), "Addis Ababa", 9.0, 38.7),
    "Tanzania": ((-6.3, 34.8), "Dar es Salaam", -6.8, 39.3), "Senegal": ((14.4, -14.5), "Dakar", 14.7, -17.5), "Ghana": ((7.9, -1.2), "Accra", 5.6, -0.2),
    "South Africa": ((-29.0, 25.1), "Johannesburg", -26.2, 28.0), "Mexico": ((23.9, -102.5), "Mexico City", 19.4, -99.1),
    "Argentina": ((-35.4, -65.2), "Buenos Aires", -34.6, -58.4), "Colombia": ((3.9, -73.1), "Bogota", 4.7, -74.1), "Venezuela": ((7.1, -66.2), "Caracas", 10.5, -66.9),
}

# something that happened or was made, and its year
YEARS = {
    "the Battle of Hastings": 1066, "the Magna Carta": 1215, "the Black Death in England": 1348, "the Battle of Agincourt": 1415,
    "the fall of Constantinople": 1453, "the printing of the Gutenberg Bible": 1455, "the first voyage of Columbus": 1492,
    "the theses of Martin Luther": 1517, "the voyage of Magellan": 1519, "the Act of Supremacy": 1534, "the book of Copernicus": 1543,
    "the Spanish Armada": 1588, "the first performance of Hamlet": 1600, "the founding of Jamestown": 1607, "the telescope of Galileo": 1609,
    "the voyage of the Mayflower": 1620, "the founding of Harvard": 1636, "the execution of Charles the First": 1649, "the Great Fire of London": 1666,
    "the Principia of Newton": 1687, "the Act of Union": 1707, "the Gulliver's Travels of Swift": 1726, "the Messiah of Handel": 1742,
    "the Lisbon earthquake": 1755, "the steam engine of Watt": 1769, "the Boston Tea Party": 1773, "the Declaration of Independence": 1776,
    "the hot air balloon of Montgolfier": 1783, "the storming of the Bastille": 1789, "the vaccine of Jenner": 1796, "the battle of Trafalgar": 1805,
    "the Pride and Prejudice of Jane Austen": 1813, "the battle of Waterloo": 1815, "the Frankenstein of Mary Shelley": 1818, "the Ninth Symphony of Beethoven": 1824,
    "the Liverpool and Manchester Railway": 1830, "the voyage of the Beagle": 1831, "the coronation of Queen Victoria": 1838, "the telegraph of Morse": 1844,
    "the Communist Manifesto": 1848, "the Great Exhibition in London": 1851, "the Origin of Species": 1859, "the Gettysburg Address": 1863,
    "the Alice in Wonderland of Lewis Carroll": 1865, "the Suez Canal": 1869, "the telephone of Bell": 1876, "the light bulb of Edison": 1879,
    "the Eiffel Tower": 1889, "the discovery of X-rays": 1895, "the flight of the Wright brothers": 1903, "the sinking of the Titanic": 1912,
    "the Russian Revolution": 1917, "the discovery of penicillin": 1928, "the Wall Street Crash": 1929, "the Spanish Civil War": 1936,
    "the attack on Pearl Harbor": 1941, "the first flight into space of Gagarin": 1961, "the moon landing": 1969, "the fall of the Berlin Wall": 1989,
    "the World Wide Web": 1991,
}
