"""More realistic tools, of everyday life; the format of ``tool_domains``. For training alone."""

LIFE = """
# lawn_mower
start run launch / mower lawn_robot : Start mowing the lawn | Send the robot mower out
?zone_name part where : enum front lawn/back lawn/orchard/side strip ; ?cut_height height mm : int 20 90
> The grass is too high again[ on the {zone_name}]. | Mow[ the {zone_name}][ down to {cut_height} mm] | Could you cut the grass[, {zone_name} only][, {cut_height} mm high]? | The lawn looks like a jungle, do something[ about the {zone_name}]. | Send the mower out[, height {cut_height}].
= status enum mowing/charging/blocked ; minutes_left int 5 120
stop halt dock / mower mowing : Stop the mower and send it home | End the mowing
> The children want to play on the grass, bring the mower in. | Enough mowing for now. | Back to the dock, mower! | It is far too loud outside, stop cutting. | Please end the mowing.
= status enum docked/returning ; battery int 5 100
set change / mowing_plan mower_schedule : Set when the mower runs | Change the weekly mowing time
weekday day : day ; start_hour time from : time ; ?edges with_edges : bool edges included/leave the edges out
> Mow {weekday} from {start_hour}[, {edges}]. | {weekday}, {start_hour}: grass cutting[, {edges}] | From now on the grass should be cut {weekday} at {start_hour}[, {edges}]. | I want the mower to go out {weekday} at {start_hour}. | {start_hour} {weekday} would suit me for the lawn[, {edges}].
= next_run date ; status enum saved/changed
check read / mower_blades blade_wear : Say how worn the mower blades are | Check the blades
> Are the blades still sharp? | The grass looks torn, not cut. Are the knives dull? | When do I have to change the mower's knives? | Blade check please
= wear_percent int 1 100 ; hours_used int 3 400
# sprinkler
open start turn_on / sprinkler sprinkler_head : Turn a sprinkler on for some minutes | Start watering the grass
minutes duration how_long : int 2 60 ; ?sector circuit spot : enum north/south/terrace/driveway
> The grass is yellow, give it {minutes} minutes of water[ on the {sector} side]. | Sprinkle[ {sector}] for {minutes} minutes | Water on for {minutes} minutes[, {sector}] | Everything is so dry out there. {minutes} minutes should do[, {sector} circuit]. | Can the lawn have {minutes} minutes of rain from the hose?
= status enum running/no pressure ; liters int 10 900
close shut turn_off / sprinkler sprinklers : Turn the sprinklers off | Stop all sprinklers
> The paper boy is getting wet, water off! | Shut the sprinklers. | That is enough water for the grass. | It has started to rain, so no more sprinkling. | Water off outside please
= status enum off/ok ; liters_used int 5 900
skip pause / sprinkler_days irrigation : Skip watering for some days | Pause the irrigation
days count for_days : int 2 14 ; ?cause why : enum rain/frost/holiday/repairs
> No water for {days} days[ because of {cause}]. | Skip {days} days of watering[, cause {cause}] | It will pour for the next {days} days, the lawn needs nothing. | Leave the lawn dry for {days} days[: {cause}] | Irrigation off for {days} days please[, {cause}]
= resumes date ; status enum paused/ok
read get / sprinkler_usage water_used : Water used by the sprinklers | How much the irrigation took
month_name month : enum April/May/June/July/August
> How much water did the lawn drink in {month_name}? | {month_name} water use outside? | Did we waste a lot on the grass in {month_name}? | Sprinkler liters for {month_name} please
= liters int 200 9000 ; cost num 2 60
# dishwasher
start run begin / dishwasher dishes : Start the dishwasher | Wash the dishes in the machine
program cycle mode : enum eco/intensive/glass/short ; ?delay_hours delay wait : int 2 12 ; ?extra_dry dry : bool extra dry/normal drying
> Run the dishes on {program}[, {extra_dry}]. | Dirty plates everywhere. {program}, please[, in {delay_hours} hours]. | {program} program for the dishes[ {delay_hours} hours from now][, {extra_dry}] | The machine is full. Use {program}[ and wait {delay_hours} hours]. | Could you do the dishes with the {program} cycle[, {extra_dry}]?
= ready_at time ; status enum washing/waiting
cancel abort stop / dishwasher dish_cycle : Abort the running dish cycle | Stop the dishwasher and drain it
> Stop, there is still a pan to go in! | Abort the dishes. | I forgot the tab, cancel the wash. | Dishwasher off right now
= status enum aborted/draining ; minutes_left int 1 90
check get / rinse_aid dishwasher_supplies : How much salt or rinse aid is left | Check the dishwasher's supplies
supply item what : enum salt/rinse aid/tabs
> The glasses come out cloudy. Is there {supply} left? | Do we need to buy {supply} for the dishwasher? | {supply} level? | How long will the {supply} last? | See whether the dishwasher has enough {supply}.
= left_percent int 1 100 ; washes_left int 0 60
# fridge
set change adjust / fridge_cold fridge_degrees : Set how cold the fridge is | Change the cold of one compartment
degrees celsius level : int -24 9 ; compartment shelf part : enum freezer/main part/drawer/door shelf
> {degrees} degrees for the {compartment} please. | My butter is like soup, make the {compartment} {degrees} degrees. | Cool the {compartment} down to {degrees}. | The {compartment} should be at {degrees} degrees. | Fridge: {compartment} {degrees}
= current int -20 9 ; status enum cooling/ok
check look_in search / fridge fridge_contents : Look whether something is in the fridge | Search the fridge for a food
food item product : thing
> Do we have any {food} in the fridge? | Are there still {food} left at home, in the cold? | I am at the store. {food}, yes or no? | Is there a rest of {food} behind the milk? | Look in the fridge for {food}.
= amount int 0 20 ; shelf enum top/middle/bottom/door
list show / expiring_food old_food : Food in the fridge that goes off soon | List what must be eaten
within_days days next : int 2 10
> What goes bad in the next {within_days} days? | Which food must be eaten within {within_days} days? | {within_days} days: what will spoil? | I hate wasting food. What has only {within_days} days left? | Something smells. List all that is off in {within_days} days.
= food thing ; days_left int 0 9
turn switch / holiday_cooling fridge_holiday : Holiday mode of the fridge on or off | Switch the fridge to holiday mode
active on enabled : bool on/off
> Holiday mode {active} for the fridge. | We are off to the sea, so cooling for the holidays {active}. | Turn {active} the holiday cooling. | Fridge, holiday: {active}
= status enum on/off ; until date
# blinds
raise open lift / blinds blind roller_blind : Open the blinds | Pull the blinds up
side where which : enum street side/yard side/kitchen/nursery ; ?percent position how_far : int 10 100
> It is too dark in here, blinds up, {side}. | Let some sun in, {side}[, {percent} percent]. | I can see nothing. {side}, open[ to {percent} percent]. | Good morning! Up with the blinds, {side}. | Blinds up[ {percent}%], {side}
= position int 0 100 ; status enum moving/open
lower close drop / blinds blind sun_shade : Close the blinds | Let the blinds down
side where which : enum street side/yard side/kitchen/nursery ; ?slats angle tilt : int 0 90
> The sun blinds me, {side}. Shut it out[, slats at {slats}]. | The neighbors can look in ({side}), close it please. | Blinds down, {side}[, slats {slats}] | Make it dark, {side}. | Nap time, so let them down: {side}[, angle {slats}]
= position int 0 100 ; status enum moving/closed
set plan / blinds_timer blind_hours : Set when the blinds open and close | Plan the hours of the blinds
up_at morning opens : time ; down_at evening closes : time
> Blinds up at {up_at} and down at {down_at} every day. | Every day: open {up_at}, shut {down_at} | I want daylight from {up_at} until {down_at}. | Not before {up_at} please, and close them at {down_at}.
= status enum saved/ok ; days int 1 7
# tumble_dryer
start run / dryer tumble_dryer : Dry the clothes in the dryer | Start the tumble dryer
fabric load kind : enum towels/shirts/bed sheets/gym clothes ; ?dryness level : enum cupboard dry/iron dry/extra dry ; ?gentle low_heat : bool gently/with full heat
> My {fabric} are dripping wet[, I want them {dryness}]. | Dry the {fabric}[ {gentle}]. | {fabric} into the dryer[, {dryness}][, {gentle}] | It rains, so I cannot hang up the {fabric}. Use the machine[, {dryness}]. | Please tumble the {fabric}[ until they are {dryness}].
= minutes int 20 140 ; status enum drying/door open
extend prolong add_to / dryer drying_time : Add minutes to the dryer | Let the dryer run longer
minutes extra more : int 5 60
> The sheets are still damp, {minutes} more minutes. | Another {minutes} minutes of drying. | Not dry yet! {minutes} minutes on top. | Let the dryer go on for {minutes} minutes. | +{minutes} min dryer
= ends_at time ; humidity int 1 60
clean_reminder check / lint lint_trap : Check the lint trap of the dryer | Say whether the lint must be taken out
> Is the lint trap full? | Drying takes forever. Is it fluff? | Do I have to take out the fluff? | Lint check
= fill_percent int 0 100 ; last_cleaned date
# doorbell
show view look_through / doorbell_camera porch_camera : Show who stands at the front | Open the picture of the doorbell
?night_view night infrared : bool with night view/in normal view
> Who is at the front[, {night_view}]? | Somebody rang. Let me see[ {night_view}]. | I hear steps on the porch, show me[ {night_view}]. | Porch camera please[, {night_view}] | Has the postman come? Show the front.
= person enum one person/nobody/two people ; since time
answer talk_through speak / doorbell porch_speaker : Say something through the doorbell | Speak to whoever rang
text words say : message
> Tell whoever rings: {text} | Say at the front "{text}" | Someone rang and I am in the bath. Say "{text}" | Doorbell answer: "{text}" | Let them hear "{text}" outside.
= status enum spoken/no one there ; seconds int 1 30
mute silence / doorbell bell_sound : Silence the doorbell | Mute the bell for some time
minutes duration for_minutes : int 10 240 ; ?keep_camera camera_on : bool camera stays on/camera off too
> The baby sleeps, no ringing for {minutes} minutes[, {keep_camera}]. | Bell quiet for {minutes} minutes[ ({keep_camera})] | I am on a call for {minutes} minutes, so no dingdong please. | Silence at the front, {minutes} min[, {keep_camera}]
= silent_until time ; status enum muted/ok
list get / doorbell_rings callers : Who rang on a day | List the rings of a day
day date : date
> Who rang on {day}? | {day}: anyone at the front? | Was there a ring while I was out on {day}? | Rings of {day} please | I waited for a man with a sofa on {day}. Did he ring?
= count int 0 12 ; last time
# fan
turn switch / fan ceiling_fan : Turn the fan on or off | Switch a fan
state on power : bool on/off ; ?spot place where : enum attic/bedroom/office/veranda
> Fan {state}[ in the {spot}]. | Turn {state} the big propeller[, {spot}]. | Ceiling fan {state}, thanks[, {spot}] | I would like the fan {state}[ in the {spot}].
= status enum on/off ; speed int 1 9
set change / fan_speed fan_level : Set the speed of the fan | How fast the fan turns
speed level step : int 1 9 ; ?spot place where : enum attic/bedroom/office/veranda
> Too much wind[ in the {spot}], only level {speed}. | I am melting! Speed {speed}[ in the {spot}]. | Let it blow at {speed}[, {spot}]. | Fan to {speed}[ ({spot})] | My papers fly around, go to step {speed}.
= speed int 1 9 ; status enum ok/too high
swing rotate / fan_head fan_direction : Let the fan turn its head | Angle that the fan covers
angle degrees width : int 10 180
> Let the fan sweep {angle} degrees. | I want the breeze on all of us, {angle} degrees. | Swing {angle} | Turn from left to right over {angle} degrees. | Blow only at the sofa, an angle of {angle}.
= angle int 10 180 ; status enum swinging/still
# shopping_list
add put write / shopping_list grocery_list : Put something on the shopping list | Add a thing to buy
item product what : thing ; ?quantity amount how_many : int 2 12 ; ?store shop where : company
> I am out of {item}. | We need [{quantity} ]{item}[ from {store}]. | {item} for the weekend please[, {quantity} of them] | Do not let me forget {item}[ at {store}]. | The {item} are finished. | Next time we shop: [{quantity} ]{item}
= items int 1 40 ; status enum added/already there
remove cross_off strike / shopping_list grocery_item : Take something off the shopping list | Cross off a bought thing
item product what : thing
> Got the {item} already. | Grandma brought {item}, so cross that off. | We do not need {item} any more. | {item} are in the bag, strike them. | Take {item} off the list.
= items_left int 0 40 ; status enum removed/not on it
show read list / shopping_list groceries : Show what is on the shopping list | Read the list of things to buy
?aisle section kind : enum dairy/vegetables/bakery/household
> I am at the store, what do I need[ from {aisle}]? | Read me the list[, only {aisle}]. | What are we short of? | What did we want to buy[ in {aisle}]? | Groceries[, {aisle}]?
= items list thing ; count int 1 30
share send / shopping_list : Share the shopping list with someone | Send the list to a person
recipient to person : first ; ?can_edit editing : bool with editing/just for reading
> {recipient} does the shopping today, pass the list on[, {can_edit}]. | Let {recipient} see what we need[ {can_edit}]. | List to {recipient}[, {can_edit}] | Could {recipient} get a copy of what we have to buy[, {can_edit}]?
= status enum shared/ok ; link url
# pantry
store put add / pantry pantry_jar : Record a food that came into the pantry | Put food on the pantry shelf
food item what : thing ; amount count quantity : int 2 40 ; ?best_before expires : date
> {amount} {food} went into the pantry[, good until {best_before}]. | Put down {amount} {food} on the shelf[, best before {best_before}]. | Pantry: plus {amount} {food} | I have just stored {amount} {food}[ that keep until {best_before}]. | New on the shelf: {food}, {amount} of them[, until {best_before}]
= total int 1 90 ; shelf int 1 9
take use remove / pantry pantry_item : Record a food that was taken from the pantry | Use up food from the shelf
food item what : thing ; amount count quantity : int 2 20
> I used {amount} {food}. | {amount} {food} went into the soup. | Minus {amount} {food} | Took {amount} {food} from the shelf. | Of the {food}, {amount} are gone.
= left int 0 60 ; status enum ok/none left
count check how_many / pantry pantry_amount : How much of a food is in the pantry | Check how much there is of a food
food item what : thing
> How many {food} do we have left? | Is there enough {food} for the winter? | {food}: still some on the shelf? | Before I buy {food}, what is in the pantry? | I need {food} for a cake, do we have them?
= amount int 0 60 ; oldest date
# meal_plan
plan set add / meal planned_meal : Plan a meal for a day | Put a dish on the meal plan
meal_name food what : title ; weekday day when : day ; ?meal_kind slot_name : enum breakfast/lunch/dinner/snack ; ?eaters portions : int 2 9
> {weekday} we eat {meal_name}[ for {meal_kind}]. | Let's have {meal_name} {weekday}[, {eaters} portions]. | {weekday}[, {meal_kind}]: {meal_name}[ for {eaters}] | I feel like {meal_name} {weekday}[ at {meal_kind}]. | Put {meal_name} down for {weekday}[, we are {eaters}].
= status enum planned/replaced ; calories int 200 1200
swap exchange / meals planned_meals : Swap the meals of two days | Exchange two days of the meal plan
first_day a : day ; second_day b : day
> Swap the food of {first_day} and {second_day}. | I'd rather eat {first_day} what we planned for {second_day}. | {first_day} and {second_day} the other way round on the meal plan. | Exchange {first_day} with {second_day} in our meals.
= status enum swapped/ok ; next_meal title
show what_is list / meal meal_plan dinner_plan : What is there to eat on a day | Show the planned meals
weekday day when : day
> What is for dinner {weekday}? | I am hungry already. What do we eat {weekday}? | {weekday}: what is cooked? | What's cooking {weekday}? | Tell me the meals {weekday}.
= dish_name title ; minutes int 10 90
# egg_timer
start set begin / egg_timer kitchen_countdown : Boil eggs with a timer | Start the time for eggs
softness how done : enum soft/medium/hard ; ?eggs count : int 2 12 ; ?size : enum small/medium/large
> I like my egg {softness}. The water boils now[, size {size}]. | {softness} eggs please[, {eggs} of them][, {size}]. | Tell me when [{eggs} ]eggs are {softness}. | Breakfast, eggs {softness}[, {size} ones]. | Eggs are in, they should be {softness}.
= seconds int 180 700 ; ring_at time
stop cancel / egg_timer egg_ring : Stop the egg timer | Switch off the ringing for the eggs
> The eggs are out, thanks. | Stop ringing, I heard it. | No eggs after all. | Eggs are done, be quiet.
= status enum stopped/not running ; seconds_run int 10 600
add extend / egg_minutes egg_timer : Give the eggs more time | Add seconds to the egg timer
seconds extra more : int 10 180
> The egg is still runny, {seconds} seconds more. | Add {seconds} seconds to the eggs. | Not hard enough. Another {seconds} seconds. | Eggs: +{seconds} s
= seconds_left int 10 600 ; ring_at time
# food_delivery
order get send_for / meal_delivery takeaway : Have food brought to a place | Order a takeaway
food what meal_name : enum pizza/sushi/curry/burgers/noodle soup ; address where to : address ; ?portions servings count : int 2 8 ; ?extra_spicy hot : bool very spicy/not spicy
> I am starving. {food} to {address}[, {portions} portions][, {extra_spicy}]. | Bring us [{portions} times ]{food}, {address}[, {extra_spicy}]. | Nobody wants to cook, so {food} to {address} please. | {address}, {food}[, {portions} servings] | Could {food} come to {address}[ for {portions} people]? We like it[ {extra_spicy} and] quick.
= minutes int 15 80 ; total num 9 80
follow where_is check / takeaway food_courier : Where the food courier is | How long the food still takes
order_code number id : id
> We are so hungry. Where is {order_code}? | The food should be here by now, order {order_code}. | How long until {order_code} comes? | Is the courier with {order_code} lost? | Dinner {order_code}: still on its way?
= minutes int 1 50 ; courier first
tip reward / courier delivery_rider : Give the courier a tip | Add a tip for the rider
order_code number id : id ; euros amount : int 2 9
> The rider of {order_code} was so kind, {euros} euros for her. | {euros} extra for whoever brought {order_code}. | Tip {euros} for {order_code} | Give the courier {euros} euros on top, order {order_code}.
= status enum given/ok ; tips_today int 1 30
rate review / takeaway delivered_meal : Rate delivered food | Say how the delivered meal was
order_code number id : id ; stars points : int 2 5 ; ?remark comment : message
> {order_code} came cold, {stars} stars[: {remark}] | Delicious! {stars} stars for {order_code}. | {stars} of 5 for the food in {order_code}[, remark "{remark}"] | How was {order_code}? I give it {stars}[ and say "{remark}"].
= status enum saved/thanks ; average num 1 5
# waiting_list
join enter add_to / waitlist table_waitlist : Wait for a free table | Put a party on the list of a restaurant
diner restaurant place : title ; guests party people : int 2 10 ; ?name_given name : first
> {diner} is full, we are {guests} and will wait[, name {name_given}]. | Put {guests} of us down at {diner}[ as {name_given}]. | {guests} hungry people for the next free table at {diner}[, {name_given}] | We would love to eat at {diner}, the {guests} of us, whenever something is free.
= position int 1 30 ; minutes int 5 90
leave quit / waitlist dining_line : Stop waiting for a table | Take a party off the list
diner restaurant place : title
> We found food elsewhere, forget {diner}. | We won't wait at {diner} any longer. | Take our name off the list at {diner}. | {diner}: not needed any more
= status enum removed/not found ; groups_left int 0 20
check ask / waiting_time table_waitlist : How long until a table is free | Check the wait at a restaurant
diner restaurant place : title ; ?guests party people : int 2 10
> How long would we have to wait at {diner}[, {guests} people]? | Is {diner} packed tonight? | Are there many before us at {diner}[ if we are {guests}]? | {diner}: how many minutes[ for {guests}]?
= minutes int 0 90 ; groups_ahead int 0 20
# chores
assign give / chore household_chore : Give a chore to somebody | Say who does which housework
chore_name what duty : enum mopping/ironing/dusting/trash/dishes/hoovering ; who person helper : first ; ?by_when due : day
> {who} does the {chore_name}[, due {by_when}]. | It is {who}'s turn with the {chore_name}. | {chore_name}: {who}[, {by_when}] | I did the {chore_name} last time, now {who} has to[ {by_when}]. | Could {who} take over the {chore_name}[ {by_when}]?
= status enum assigned/already taken ; points int 1 20
finish tick_off / chore household_chore : Tick off a chore as done | Say that housework is finished
chore_name what duty : enum mopping/ironing/dusting/trash/dishes/hoovering ; ?spent_minutes took : int 3 90
> The {chore_name} is done[, it took {spent_minutes} minutes]. | Finished with the {chore_name}![ {spent_minutes} minutes.] | Tick off {chore_name}[, {spent_minutes} min]. | No more {chore_name} today, I am through[ after {spent_minutes} minutes].
= left int 0 9 ; status enum done/ok
rotate shuffle / chores chore_wheel : Pass all chores on to the next person | Rotate the housework
> It's unfair, everybody should get another job in the house. | New week, new duties for everyone! | Turn the chore wheel. | Swap all the housework around, please.
= changed int 1 9 ; next_change date
list show / open_chores housework : Chores that nobody has done yet | List a person's housework
?who person helper : first
> What is still to be done in the house[ by {who}]? | Which duties are open[ for {who}]? | It looks terrible here. Who has not done a thing?[ {who}?] | Housework left[ for {who}]? | Has everything been cleaned[ by {who}]?
= count int 0 9 ; oldest enum mopping/ironing/dusting/trash
# sleep_tracker
log enter record / sleep night_sleep : Log how a night was | Record when somebody slept
fell_asleep from bed_time : time ; woke_up to until : time ; ?quality how rating : enum deep/light/short/broken
> I slept from {fell_asleep} to {woke_up}[, {quality}]. | Asleep at {fell_asleep}, awake at {woke_up}[, it was a {quality} night]. | In bed {fell_asleep}, up {woke_up}[ ({quality})] | Lights out at {fell_asleep} and my eyes opened at {woke_up}. | Woke up at {woke_up} after falling asleep at {fell_asleep}[, {quality} sleep].
= hours num 2 11 ; score int 1 100
set change / bedtime lights_out : Set when to go to bed | Change the bedtime
time hour at : time ; ?child_name for_whom who : first
> I want to be in bed by {time}. | Bedtime at {time}[ for {child_name}]. | Tell me to lie down at {time}. | {time} is early enough to hit the pillow[, {child_name} too]. | No later than {time}[ for {child_name}], then off to bed.
= status enum set/ok ; hours num 5 10
play start / sleep_sounds night_sound : Play sounds to fall asleep | Start a calm sound for the night
sound kind noise : enum rain/ocean waves/white noise/crickets/campfire ; ?minutes off_after : int 10 120
> I can't sleep, {sound} please[ for {minutes} minutes]. | {sound} until I doze off[, {minutes} minutes] | Let me hear {sound}[, stop after {minutes} minutes]. | Help me drift off with {sound}[ over {minutes} minutes].
= status enum playing/no speaker ; ends_at time
show get / sleep_report night_report : Report about a night | Show how somebody slept
night date which : date
> How did I sleep on {night}? | I feel so tired. What happened to my sleep on {night}? | Sleep report, {night} | Was {night} a good night? | Did I toss and turn on {night}?
= hours num 3 10 ; deep_minutes int 20 160
# pills
take log record / pill medicine_dose : Record that a medicine was taken | Log a dose
medicine drug pill_name : pseudo ; ?dose amount tablets : int 1 4 ; ?taken_at time : time
> I swallowed my {medicine}[ at {taken_at}]. | {medicine} taken[, {dose} of it][, {taken_at}] | Just had {medicine}[, {dose} tablets]. | My {medicine} is down for today[, {dose} pieces]. | Note {medicine}[ at {taken_at}][, dose {dose}].
= left int 0 60 ; next_dose time
set add / pill_alarm dose_reminder : Set when a medicine must be taken | Add a reminder for a medicine
medicine drug pill_name : pseudo ; clock time at : time ; ?with_food meal : bool with a meal/on an empty stomach
> I must not forget {medicine} at {clock}[, {with_food}]. | Every day {medicine}, {clock}[, {with_food}]. | The doctor says {medicine} at {clock}[ {with_food}]. | Buzz me at {clock} for my {medicine}. | {clock}: {medicine}[ {with_food}]
= status enum set/ok ; id id
refill reorder / pill_box prescription : Get more of a medicine | Refill a prescription
medicine drug pill_name : pseudo ; ?pharmacy where shop : company ; ?packs boxes : int 2 5
> My {medicine} runs out soon[, {pharmacy} has it]. | Only one {medicine} left! | Get me more {medicine}[ from {pharmacy}][, {packs} packs]. | New box of {medicine} please[, {pharmacy}] | The bottle of {medicine} is empty, order more[, {packs} packs].
= ready date ; status enum sent/needs doctor
check compare / drug_mix pill_safety : Check whether two medicines go together | Are two drugs safe together
medicine first_drug a : pseudo ; other_medicine second_drug b : pseudo
> Can I take {medicine} together with {other_medicine}? | Is {medicine} fine if I am on {other_medicine}? | {medicine} plus {other_medicine}: dangerous? | I took {other_medicine} and now need {medicine}. Any risk? | Do {medicine} and {other_medicine} go together?
= risk enum none/low/high ; hours_apart int 0 24
# hydration
drink log add / water_glass fluid : Log something that was drunk | Add to what was drunk today
milliliters ml amount : int 100 900 ; ?beverage what : enum water/tea/juice/milk
> I just had {milliliters} ml[ of {beverage}]. | {milliliters} ml down[, {beverage}] | Another {milliliters} milliliters[ of {beverage}] in me. | Finished a bottle, {milliliters} ml. | Gulp! {milliliters} ml[ {beverage}]
= today_ml int 200 3500 ; percent int 5 140
undo take_back / water_entry last_sip : Remove the last drink from the log | Undo the last entry of water
> Oops, I did not drink that. | I spilled it, take the last glass back. | The last sip was wrong. | That glass was not mine, undo it.
= today_ml int 0 3000 ; status enum undone/nothing there
set change / daily_water drinking_aim : Set how much to drink each day | Change the daily amount of water
liters goal amount : num 1 4
> I want to drink {liters} liters a day. | My doctor says {liters} liters every day. | Daily water: {liters} l | From tomorrow, {liters} liters of water are my aim. | Raise or lower my drinking to {liters} liters a day.
= status enum set/ok ; glasses int 4 20
# gym
log record note / gym_set lift_set : Log a set at the gym | Record repetitions with a weight
exercise_name move lift : enum squat/bench press/deadlift/row/pull down ; reps repetitions times : int 2 30 ; kilos weight kg : num 5 160
> {exercise_name}: {reps} times {kilos} kg | I did {reps} reps of {exercise_name} with {kilos} kilos. | Just lifted {kilos} kg {reps} times, {exercise_name}. | {reps} x {kilos} {exercise_name} | With {kilos} kg on the bar, {reps} repetitions, {exercise_name}.
= volume int 50 4000 ; record_broken enum yes/no
start begin / set_rest rest_break : Start the rest between two sets | Begin a break at the gym
seconds pause length : int 20 240
> Phew, {seconds} seconds of rest. | I need to catch my breath for {seconds} seconds. | Rest {seconds} s | Let me pause {seconds} seconds before the next set. | {seconds} seconds, then I lift again.
= ends_at time ; status enum resting/ok
suggest plan / gym_session training_plan : Suggest what to train | Plan a session at the gym
muscle body_part area : enum legs/back/chest/arms/core ; minutes length duration : int 15 90 ; ?equipment with_gear : enum dumbbells/machines/nothing/bands
> I want to train {muscle} and have {minutes} minutes[, with {equipment}]. | {minutes} minutes for my {muscle}[, {equipment}] | What can I do for my {muscle} in {minutes} minutes[ using {equipment}]? | Something is weak: {muscle}. Make me a plan of {minutes} minutes. | Give me {minutes} minutes of {muscle}[ with {equipment}].
= moves int 3 9 ; first_move enum squat/plank/row/press
show get / lift_record best_lift : Best weight ever lifted | Show a person's record in a lift
exercise_name move lift : enum squat/bench press/deadlift/row/pull down
> What is the most I ever did in {exercise_name}? | My record in the {exercise_name}? | How strong was I at my best, {exercise_name}? | {exercise_name} top weight | Did I ever lift more than today in {exercise_name}?
= kilos num 10 200 ; achieved date
# meditation
start begin / meditation calm_session : Start a meditation | Begin some calm minutes
minutes length duration : int 3 60 ; ?voice speaker : enum woman/man/none ; ?theme focus topic : enum breath/body/sleep/gratitude
> I am so stressed, {minutes} minutes of calm please[, about {theme}]. | Meditate {minutes} minutes[ on {theme}][, voice {voice}]. | Give me {minutes} quiet minutes[ with {theme} as theme]. | My head is spinning. {minutes} minutes for me[, voice: {voice}] | Close my eyes for {minutes} minutes[, {theme}]
= status enum started/ok ; ends_at time
breathe guide / breathing breath_rounds : Guide slow breathing | Breathe in a rhythm
inhale in_seconds in : int 2 8 ; exhale out_seconds out : int 2 12
> Breathe with me: {inhale} in, {exhale} out. | {inhale} seconds in and {exhale} seconds out, please. | I panic. Count {inhale} for in, {exhale} for out. | Breathing out over {exhale} seconds, in over {inhale}. | Slow breath, {inhale} and {exhale}
= rounds int 3 30 ; pulse int 50 110
show count / calm_streak meditation_days : Days in a row with meditation | Show the streak of calm days
> How many days in a row have I sat still? | Did I break my row of calm days? | My meditation streak? | Have I been good about sitting every day?
= days int 0 300 ; longest int 3 400
# calorie_diary
log enter eat / eaten_food calorie_entry : Log what was eaten | Enter a food in the calorie diary
food what item : thing ; calories kcal energy : int 30 900 ; ?eaten_when meal_time : enum breakfast/lunch/dinner/between meals
> I ate {food}, {calories} calories[, {eaten_when}]. | {calories} kcal of {food}[ for {eaten_when}] | Had some {food} ({calories} kcal)[, {eaten_when}]. | I could not resist the {food}. {calories} calories. | Enter {food} with {calories}[, {eaten_when}].
= eaten int 100 3500 ; left int 0 2500
look_up check get / food_energy food_calories : Calories of a food | Look up how much energy a food has
food what item : thing ; grams weight portion : int 20 500
> How many calories have {grams} grams of {food}? | Will {grams} g of {food} make me fat? | {food}, {grams} g, energy? | May I still eat {grams} grams of {food}? Look at the calories. | What do {grams} grams of {food} have in kcal?
= calories int 10 900 ; sugar num 0 40
set change / calorie_limit daily_calories : Set how many calories a day may have | Change the daily calories
limit kcal calories : int 1200 3500
> I want to stay under {limit} calories a day. | Diet starts now: {limit} a day | No more than {limit} kcal daily. | {limit} calories are my limit from now on. | To gain some weight I should get {limit} calories a day.
= status enum set/ok ; weekly int 8000 24500
# habits
create start add / habit new_habit : Start a new habit | Add a habit to follow
habit_name title what : phrase ; times_a_week frequency times : int 2 7 ; ?nudge_at reminder : time
> I want to do "{habit_name}" {times_a_week} times a week[, nudge me at {nudge_at}]. | New habit: {habit_name}, {times_a_week} times a week[, {nudge_at}] | {times_a_week} times a week from now on: {habit_name}[, remind me at {nudge_at}] | Help me get used to {habit_name} {times_a_week} times a week. | Let me build up {habit_name}, {times_a_week} days each week[ at {nudge_at}].
= id id ; status enum created/ok
check_off tick / habit habit_day : Tick off a habit for a day | Check off a habit
habit_name title what : phrase ; ?on_day date : date
> I did my {habit_name}[ on {on_day}]. | {habit_name}: done[ on {on_day}] | Tick for {habit_name}[, {on_day}]. | Be proud of me! {habit_name} is checked[ for {on_day}]. | {habit_name}, yes[, {on_day}]
= streak int 1 200 ; status enum ticked/already ticked
drop quit end / habit : Give up a habit | Stop following a habit
habit_name title what : phrase ; ?keep_data history : bool keep the numbers/delete the numbers
> I give up on {habit_name}[, {keep_data}]. | No more {habit_name} for me[, {keep_data}]. | {habit_name} is not my thing, drop it[ and {keep_data}]. | Stop asking me about {habit_name}[, {keep_data}].
= status enum dropped/not found ; days_done int 1 300
get show / habit_streak streak : Days in a row of a habit | Show the streak of a habit
habit_name title what : phrase
> How many days in a row with {habit_name}? | Did I miss a day of {habit_name}? | How am I doing with {habit_name}? | Streak of {habit_name}? | How faithful was I to {habit_name}?
= days int 0 300 ; best int 3 400
# diary
write add / diary_entry journal_page : Write in the diary | Add an entry to the journal
text entry words : message ; ?mood feeling : enum happy/sad/angry/tired/grateful ; ?private locked : bool for my eyes only/readable for the family
> Dear diary, {text} | Into my journal: "{text}"[ Mood: {mood}] | Today's entry[, {private}]: {text} | I feel[ {mood} and] like writing: "{text}" | Keep this for later years[, {private}]: "{text}"
= id id ; words int 2 300
read open / diary_entry journal_day : Read the diary of a day | Open what was written on a day
date day when : date
> What did I write on {date}? | What was I up to on {date}? | Journal, {date} | Take me back to {date}. | Read me my thoughts from {date}.
= mood enum happy/sad/angry/tired ; text message
search find / diary_entries journal : Search the diary for a word | Find diary entries by mood
word_sought keyword query : noun ; ?mood feeling : enum happy/sad/angry/tired/grateful
> When did I write about the {word_sought}[, being {mood}]? | Did I ever mention a {word_sought} in my journal? | Diary search {word_sought}[, mood {mood}] | On which days did I think of the {word_sought}[ and was {mood}]?
= count int 0 40 ; first_date date
lock protect / diary journal : Lock the diary with a code | Protect the journal
pin code secret : int 1000 9999
> My brother snoops, lock my journal with {pin}. | Diary code {pin} | Nobody may read my entries, use {pin}. | Close the diary with the code {pin}.
= status enum locked/ok ; entries int 1 900
# school_timetable
show get / lessons school_day : Lessons of a school day | Show the timetable
weekday day when : day ; ?pupil child student : first
> Which lessons are there {weekday}[ for {pupil}]? | What does {pupil} have at school {weekday}? | When is school out {weekday}? | Timetable {weekday}[, {pupil}] | What do I need in my satchel {weekday}?
= first_lesson enum math/art/sports/English ; ends time
report_sick excuse / pupil absent_child : Tell the school that a child is absent | Excuse a pupil
pupil child student : first ; weekday day when : day ; ?illness reason why : enum cold/fever/stomach ache/dentist
> {pupil} can't come to school {weekday}[, {illness}]. | Please excuse {pupil} {weekday}[ because of {illness}]. | {pupil} stays in bed {weekday}[: {illness}] | No school for {pupil} {weekday}[, reason {illness}]. | Absent {weekday}: {pupil}[ ({illness})]
= status enum excused/note needed ; teacher person
sign_up register enroll / pupil after_school_club : Sign a child up for a club at school | Register for an afternoon club
pupil child student : first ; club activity course : enum choir/chess/robotics/drama/judo ; ?pickup_time until : time
> {pupil} would love to do {club} in the afternoon[, pickup {pickup_time}]. | Is there a free place in {club} for {pupil}? Take it. | {club} club: {pupil}[, until {pickup_time}] | Put {pupil} down for {club}[ until {pickup_time}]. | I want {pupil} in {club}.
= status enum signed up/waiting ; starts date
ask write_to / teacher school_teacher : Write to a teacher | Ask a teacher something
teacher whom name : person ; question text body : message
> Ask {teacher} at school: {question} | Tell the teacher {teacher} "{question}" | To {teacher}, class 4: "{question}" | Please let {teacher} know "{question}" | A word to the teacher, {teacher}: {question}
= status enum sent/out of office ; answer_by day
# flashcards
add create make / flashcard study_card : Make a flashcard | Add a card with two sides
front question side_a : word ; back answer side_b : word ; ?deck pile stack : noun
> New card, front {front}, back {back}[, into {deck}]. | Card for my exam: {front} means {back}[ (pile {deck})] | {front} on one side, {back} on the other[, deck {deck}]. | On the back {back}, on the front {front}[, put it in {deck}]. | I always mix up {front} and {back}, make me a card[ in {deck}].
= id id ; cards int 2 400
drill quiz practice / deck study_deck : Practice a deck of cards | Quiz somebody with a deck
deck pile stack : noun ; ?cards count number : int 3 60 ; ?mode order : enum random/hardest first/new only
> Ask me the {deck} cards[, {cards} of them][, {mode}]. | I have a test about the {deck}, drill me[ with {cards} cards]. | Quiz me on {deck}[, {mode}]. | Let's learn {deck}[, {cards} cards]. | {deck}[, {mode}]: go, I am ready to be asked
= right int 0 60 ; wrong int 0 30
mark rate / flashcard card_answer : Mark how well a card was known | Say whether a card was right
card_id id card : id ; knew_it correct right : bool I knew it/I had no idea
> {card_id}: {knew_it} | Card {card_id}, {knew_it}. | {knew_it}, card {card_id}. | About {card_id}: {knew_it}!
= next_due date ; level int 1 8
# trivia
start begin new / trivia_game quiz_round : Start a round of trivia | Begin a quiz game
topic category about : phrase ; ?questions count rounds : int 3 30 ; ?difficulty hard level : enum easy/medium/brutal
> Let's see who knows more about {topic}[, {questions} questions]. | A quiz on {topic}[, {difficulty}] | Start with {topic}[, {questions} questions][, {difficulty}]. | We are bored, ask us things about {topic}[, {difficulty} ones]. | Trivia night! {topic}[, {questions} questions]
= status enum started/ok ; first_question message
buzz answer / trivia_question : Answer a trivia question | Give an answer in the quiz
answer guess reply : word ; ?player who team : first
> I say {answer}. | The answer is {answer}[, says {player}]. | It must be {answer}[ ({player})]. | [{player} buzzes: ]{answer} | Hmm, {answer}?
= correct enum yes/no ; points int 0 50
get show / trivia_ranking quiz_leader : Who leads the quiz | Show the points of the players
> Who is ahead? | How many points does everybody have? | Am I winning the quiz? | Quiz standings please
= leader first ; points int 1 90
ask use / joker trivia_hint : Use a joker in the quiz | Get help with a question
joker kind help : enum fifty fifty/phone a friend/skip/extra minute
> No idea, {joker} please. | I take {joker}. | We use our joker: {joker} | Too hard! {joker}. | Help us with {joker}
= left int 0 3 ; status enum used/none left
# chess
start play / chess_game chess_match : Start a game of chess | Play chess against an opponent
opponent against level : enum beginner/club player/master/friend ; ?side_color pieces : enum white/black/random ; ?clock_minutes minutes : int 3 60
> A game of chess against a {opponent}[, I take {side_color}]. | Set up the board, I play a {opponent}[, {clock_minutes} minutes each]. | {opponent}[, {clock_minutes} minutes each], chess! | Chess with a {opponent}[ as {side_color}]. | I want to beat a {opponent} on the board[, {clock_minutes} minutes on the clock].
= game id ; status enum started/ok
move make / chess_move piece : Move a piece on the chess board | Make a move
piece what figure : enum king/queen/rook/bishop/knight/pawn ; square to target_square : enum e4/d5/c3/f6/g1/b7
> {piece} to {square}. | I put my {piece} on {square}. | {square} with the {piece} | My move: {piece}, {square}. | The {piece} goes to {square}.
= reply enum e5/d4/c6/f3 ; check enum yes/no
resign give_up / chess_game : Give up a chess game | Resign the game
?politely with_greeting : bool and thank my opponent/without a word
> You got me, I lay down my king[ {politely}]. | This is lost, I give up[ {politely}]. | I resign[ {politely}]. | No hope on this board, let us end it[ {politely}].
= rating int 600 2400 ; status enum lost/ended
offer propose / draw remis : Offer a draw in chess | Propose that nobody wins
> Nobody can win this, half a point each? | Shall we call it even? | I offer a draw. | Let's shake hands, equal.
= answer enum accepted/declined ; moves int 10 90
# board_game_night
suggest find pick / board_game family_game : Suggest a game for some players | Find a game for an evening
players people count : int 2 10 ; ?minutes max_minutes length : int 15 180 ; ?game_type kind style : enum cards/dice/strategy/party
> We are {players} and bored, what can we play[ in {minutes} minutes]? | A game for {players}[, {game_type}] | Something for {players} people around the table[, {game_type}][, at most {minutes} minutes]. | {players} players, rain outside. Any idea[, {game_type}]? | What is fun with {players}[ and takes {minutes} minutes]?
= game title ; minutes int 15 180
explain read / game_rules board_rules : Explain the rules of a game | Read the rules of a board game
game_title name game : title
> How do you play {game_title}? | We fight about the rules of {game_title}. What do they say? | Rules, {game_title} | Nobody here knows how {game_title} works. | Who begins in {game_title}, and how do you win?
= summary message ; min_age int 3 16
roll throw / dice game_dice : Roll dice | Throw some dice
dice count number : int 2 6 ; ?sides faces : int 4 20
> Roll {dice} dice[ with {sides} sides]. | We lost our dice. Throw {dice} for me[, {sides} sides]. | {dice} dice[, {sides} faces], go! | My turn, {dice} dice.
= total int 1 60 ; highest int 1 20
save note / game_points round_points : Note the points of a player | Save the score of a round
player who name : first ; points score amount : int 2 200
> {player} gets {points} points this round. | {points} for {player} | Write down {points} points, {player}. | What a round! {player} made {points}. | {player} plus {points}
= total int 5 900 ; leader first
# football_league
get show / league_table standings : Table of a league | Show where the teams stand
league division competition : company ; ?matchday round : int 2 34
> Who leads the {league} league[ after round {matchday}]? | Table of the {league} league[, matchday {matchday}] | Where do the teams stand in the {league} division[ after {matchday} games]? | Is my club still at the bottom of the {league} league?
= leader company ; points int 3 90
find show / fixture next_game : Next game of a team | Find when a team plays
team club side : company ; ?at_home home : bool at home/away
> When does {team} play next[ {at_home}]? | Whom does {team} meet[ {at_home}]? | {team}, next game[ {at_home}]? | I want to watch {team} again[ {at_home}]. When can I? | Who is the next opponent of {team}?
= kickoff time ; opponent company
follow subscribe / team club_alerts : Follow a team | Tell about everything a team does
team club side : company ; ?only what : enum goals only/line-ups/transfers/final whistle
> Keep me posted on {team}[, {only}]. | I am a fan of {team} now[, tell me {only}]. | Buzz me when something happens with {team}[ ({only})]. | {team}: I don't want to miss a thing[, {only}] | Add {team} to my clubs[, {only}].
= status enum following/ok ; fans int 50 90000
predict guess / fixture final_whistle : Guess how a game ends | Predict the goals of two teams
home_team home : company ; guest_team away : company ; home_goals goals_home : int 0 5 ; guest_goals goals_away : int 0 5
> {home_team} against {guest_team} ends {home_goals} to {guest_goals}. | My guess: {home_team} {home_goals}, {guest_team} {guest_goals} | I bet a beer on {home_goals} for {home_team} and {guest_goals} for {guest_team}. | {home_goals} to {guest_goals} for {home_team} versus {guest_team}
= status enum saved/too late ; points_possible int 1 10
# bus
get show / bus_departures next_bus : Next buses at a stop | Show when the bus leaves
stop_name stop halt : address ; ?line bus_number : int 2 199 ; ?count how_many : int 2 6
> When does a bus leave at {stop_name}[, line {line}]? | I stand at {stop_name} and it is cold. When does the bus come?[ Number {line}.] | Next [{count} ]buses, {stop_name}[, line {line}] | Did I miss the {stop_name} bus[, number {line}]? | Departures at {stop_name}[, show {count}]
= minutes int 0 40 ; line int 2 199
report announce / bus_problem late_bus : Report a problem on a bus | Tell the bus company that something is wrong
line bus_number : int 2 199 ; problem what : enum late/full/dirty/did not stop/no heating
> Bus {line}: {problem} | The {line} again, {problem}! | I want to tell you about bus {line}. It's this: {problem}. | {problem}, says everybody waiting for the {line}. | Line {line}, as always: {problem}
= status enum reported/known ; id id
set ask_for / bus_alert get_off_alarm : Tell when to get off the bus | Alarm before a stop
stop_name stop halt : address ; ?stops_before early : int 2 5 ; ?vibrate silent : bool only buzz/with sound
> I may doze off, wake me before {stop_name}[, {stops_before} stops earlier]. | Tell me when we get to {stop_name}[, {vibrate}]. | My stop is {stop_name}[, warn me {stops_before} stops before]. | Don't let me ride past {stop_name}[, {vibrate}].
= status enum set/ok ; arrival time
# railway
check get / train_delay late_train : Whether a train is late | Get the delay of a train
train_number train number : id ; ?station at_stop : city
> Is {train_number} late[ in {station}]? | We are freezing on the platform, where is {train_number}? | How many minutes behind is the train {train_number}[ in {station}]? | {train_number} on time[ at {station}]? | Will I still catch {train_number}[ in {station}]?
= delay int 0 90 ; reason enum signal/weather/works/police
reserve hold / train_seat seat_on_train : Reserve a seat on a train | Hold a place in a carriage
train_number train number : id ; ?place_type where : enum aisle/by the glass/at a desk/in the quiet car ; ?car_number car carriage : int 2 14
> I don't want to stand in {train_number}[, a place {place_type}]. | Seat on {train_number}[, {place_type}][, car {car_number}] | Hold me a place on the train {train_number}[ {place_type}]. | I'd like to sit in {train_number}[, carriage {car_number}]. | One place, train {train_number}[, {place_type}]
= seat int 1 120 ; car int 1 14
find look_up / platform train_platform : Platform of a train | Find where a train leaves
train_number train number : id ; ?station at_stop : city
> Which platform for {train_number}[ in {station}]? | I am at the station[ in {station}] and search {train_number}. | Where does {train_number} leave[ in {station}]? | {train_number}: track? | Where must I run for {train_number}?
= platform int 1 24 ; section enum A/B/C/D
claim ask_for / delay_refund late_money_back : Get money back for a late train | Ask for a refund after a delay
train_number train number : id ; minutes_late delay : int 30 240 ; ?travel_date date : date
> {train_number} was {minutes_late} minutes late[ on {travel_date}], I want money back. | {minutes_late} minutes I sat around because of {train_number}. Refund! | Refund: {train_number}, {minutes_late} min[, {travel_date}] | We came {minutes_late} minutes too late with {train_number}[ on {travel_date}], what do I get?
= amount num 3 90 ; case id
# bike_share
find show / share_bike city_bike : Find a free bike | Show bikes nearby
near where place : address ; ?electric e_bike : bool with a motor/without a motor
> Is there a bike close to {near}[, {electric}]? | I missed the tram at {near} and would rather ride a bike[ {electric}]. | Bikes around {near}[, {electric}] | My feet hurt. Anything with two wheels near {near}? | I am at {near} and want to cycle[ {electric}].
= bike id ; meters int 20 900
unlock take / share_bike bike_lock : Unlock a bike | Take a bike from the station
bike_id bike code : id
> Unlock {bike_id}. | I take the bike {bike_id}. | {bike_id} is the one I want to ride. | In front of me: {bike_id}. Open it please. | Let me have {bike_id}
= status enum unlocked/reserved ; battery int 5 100
return give_back lock / share_bike borrowed_bike : Give a bike back | Lock the bike at the end of the ride
bike_id bike code : id ; ?station dock : address ; ?damage broken : bool it is damaged/all in order
> I am done with {bike_id}[, it stands at {station}]. | {bike_id} is back[ at {station}][, {damage}]. | End of my ride on {bike_id}[, {damage}]. | Lock {bike_id}, I walk from here[, {damage}]. | I leave {bike_id}[ at {station}].
= cost num 0 9 ; minutes int 3 120
report flag / bike_defect flat_tire : Report that a shared bike is broken | Tell about a defect
bike_id bike code : id ; defect what part : enum flat tire/brake/chain/saddle/bell
> {bike_id} has a problem: {defect} | Careful with {bike_id}, the {defect}! | The {defect} of {bike_id} needs a mechanic. | Nobody should ride {bike_id}. Reason: {defect} | {defect}, bike {bike_id}
= status enum reported/known ; repair_day day
# ferry
list show / sailings ferry_times : Sailings between two ports | Show when the ferry goes
from_port origin from : city ; to_port destination to : city ; ?day when : day
> When do ships go from {from_port} to {to_port}[ {day}]? | Boats {from_port} to {to_port}[, {day}] | How can I cross the sea from {from_port} to {to_port}[ {day}]? | I need to get to {to_port} by water, I am in {from_port}. | Is there a night boat to {to_port} leaving {from_port}[ {day}]?
= departs time ; hours int 1 30
book reserve / ferry_cabin ship_berth : Book a cabin on a ship | Reserve a bed on the ferry
sailing ship crossing : id ; beds persons people : int 2 6 ; ?sea_view outside : bool with sea view/inside
> On {sailing} we want to sleep, {beds} beds[, {sea_view}]. | A cabin for {beds} on {sailing}[, {sea_view}] | {beds} of us sail with {sailing} overnight[, {sea_view}]. | Berths: {beds}, ship {sailing}[, {sea_view}] | We are {beds} and won't sit in a chair all night on {sailing}.
= cabin int 100 990 ; price int 40 400
check get / sea_state crossing_waves : How rough the sea is | Waves on a crossing
sailing ship crossing : id
> Will I be seasick on {sailing}? | How high are the waves for {sailing}? | {sailing}: rough or calm? | Do I need pills against seasickness on {sailing}? | Could the storm stop {sailing}?
= wave_meters num 0 8 ; advice enum calm/rough/cancelled
# television
switch change go_to / tv_channel channel : Switch the TV to another channel | Change the channel
channel station number : int 1 120
> Put on channel {channel}. | The final is on {channel}, hurry! | Zap to {channel}. | {channel} please, this is boring. | What is on {channel}? Go there.
= now_showing title ; status enum switched/no signal
set turn change / tv_sound tv_loudness : Set how loud the TV is | Change the sound of the TV
loudness level percent : int 0 60
> I can't hear a word, TV to {loudness}. | The neighbors knock on the wall. TV sound at {loudness}. | {loudness} on the TV, grandpa is a bit deaf. | TV: {loudness} percent loud | They mumble so much in this series, {loudness} please.
= loudness int 0 60 ; previous int 0 60
show switch_on / tv_subtitles captions : Show subtitles on the TV | Words under the picture
caption_language spoken language_code : enum English/French/Spanish/Turkish/Polish ; ?text_size size : enum small/medium/huge
> I don't understand them, {caption_language} words at the bottom[, {text_size}]. | Subtitles in {caption_language}[, {text_size}] | {caption_language} captions please[ in {text_size} letters]. | Could we read along in {caption_language}?[ Letters {text_size}.]
= status enum shown/not available ; lines int 1 3
search ask / tv_guide program_guide : What is on TV | Search the program
?evening day when : day ; ?genre kind : enum thriller/comedy/cartoon/football/documentary
> What's on TV[ {evening}]? | Anything good to watch[ {evening}]?[ Maybe a {genre}.] | TV program[, {evening}][, {genre}] | I'm on the sofa and bored, is something on?[ I like {genre}.]
= program title ; starts time
# tv_recorder
record tape / broadcast tv_recording : Record something from TV | Tape a broadcast
program title name : title ; channel station : int 1 120 ; ?whole_series every_part : bool every part/this part only
> I am out tonight, save {program} on channel {channel}[, {whole_series}]. | Record {program}, channel {channel}[, {whole_series}] | Don't let me miss {program} on {channel}. | Channel {channel} shows {program}, tape it[, {whole_series}]. | {program} ({channel}) for later please[, {whole_series}]
= status enum planned/conflict ; space_hours int 1 300
watch play / tv_recording taped_program : Watch something that was recorded | Play a recording
program title name : title ; ?from_minute start : int 2 90
> Let's watch {program} that we taped[, from minute {from_minute}]. | Now I have time for {program}, the one you saved. | Show the recording of {program}[ from minute {from_minute}]. | Play what you kept of {program}.
= length int 10 180 ; status enum playing/deleted
erase delete / tv_recording old_recordings : Erase a recording | Delete a taped program to get space
program title name : title
> We have seen {program}, it can go off the recorder. | Erase the recording {program}. | The recorder is full. {program} can go. | Nobody will watch the taped {program} any more, wipe it.
= space_hours int 1 300 ; status enum erased/protected
list show / recordings recorder_content : List what is on the recorder | Show recordings
> What have we taped? | What is waiting for me on the recorder? | Is anything left that we haven't seen? | Show all recordings.
= count int 0 60 ; newest title
# news_alerts
create set / news_alert headline_alert : Create an alert for a news topic | Tell when news about something come
topic subject about : phrase ; ?urgency level : enum only big news/everything/once a day
> Tell me as soon as there is something about {topic}[, {urgency}]. | Keep an eye on {topic} in the papers[, {urgency}]. | News alert {topic}[, {urgency}] | I want to know first when {topic} is in the press. | {topic}: ping me[, {urgency}]
= id id ; status enum created/exists
mute stop / news_alert news_topic : Stop hearing about a news topic | Mute a subject in the news
topic subject about : phrase ; ?days for_days : int 2 60
> I can't hear {topic} any more[, leave it out for {days} days]. | Enough of {topic}[ for {days} days]! | Nothing on {topic} please[, {days} days]. | {topic} makes me sad, keep it away from me[ for {days} days]. | Mute {topic}[, {days} days]
= status enum muted/not found ; until date
read summarize / morning_briefing daily_briefing : Read the news of the morning | A short summary of the day
?minutes length : int 2 20 ; ?area region : enum world/local/sports/business/culture
> What happened while I slept?[ {minutes} minutes.] | Good morning, what's going on in the world?[ Only {area}.] | Read me my briefing[, {area}][, {minutes} minutes]. | I have no time for the paper, give me the short version[, {area}].
= stories int 2 20 ; top_story title
# radio
tune switch_to play / radio_station radio : Tune the radio to a station | Play a radio station
station name sender : company ; ?where device area : enum kitchen/bathroom/balcony/garage
> Put the radio on {station}[ in the {where}]. | I'd like to hear {station}[ on the {where} radio]. | Radio {station}[, {where}] | {station} please, they talk about the village today[, {where}]. | Tune in to {station}.
= frequency num 87 108 ; status enum playing/no reception
save store / radio_preset station_button : Store a station on a button | Save a radio station
station name sender : company ; button number preset : int 1 10
> {station} on button {button}. | I want {station} when I press {button}. | Button {button} should be {station}. | Store {station} as number {button} on the radio. | Radio: {button} is {station}
= status enum stored/replaced ; old_station company
stop turn_off / radio radio_sound : Turn the radio off | Stop the radio
?after_minutes minutes delay : int 2 120
> Quiet, the baby![ Radio off.] | Radio off[ in {after_minutes} minutes] | No more chatter from the speaker[, stop in {after_minutes} minutes]. | Let the radio run out[ after {after_minutes} minutes].
= status enum off/ok ; minutes_heard int 1 300
# social_media
share post publish / status_update feed_post : Post something for the followers | Share an update
text words caption : message ; ?audience who_sees : enum everyone/friends/family/only me ; ?hashtags tags : list word
> Tell my followers: {text} | Post "{text}"[ for {audience}][, tags {hashtags}] | The world should know "{text}"[, visible to {audience}]. | On my wall[, {audience}]: "{text}" | New update "{text}"[ with {hashtags}]
= post id ; likes int 0 300
follow befriend / social_account feed_author : Follow an account | See what somebody posts
account handle name : pseudo ; ?notify bell : bool with a bell/without a bell
> I like what {account} posts, follow[ {notify}]. | Follow {account}[, {notify}]. | Show me everything from {account} from now on[, {notify}]. | {account} is funny, I want more of that in my feed. | Add {account} to those I follow[ {notify}].
= followers int 10 90000 ; status enum following/requested
block ban / social_account troll : Block an account | Keep somebody from writing
account handle name : pseudo ; ?reason why : enum spam/rude/fake/scary
> {account} writes me nasty things[ ({reason})], keep them away. | Block {account}[, {reason}]. | I never want to see {account} again[: {reason}]. | {account} must not see my posts any more[, it's {reason}].
= status enum blocked/ok ; blocked_accounts int 1 60
count get / likes post_reactions : Likes of a post | Count the reactions
post_id post id : id
> How many people like {post_id}? | Does anybody care about {post_id}? | Hearts for {post_id}? | How did {post_id} do? | Reactions, post {post_id}
= likes int 0 5000 ; comments int 0 300
# group_chat
create open start / chat_group group_chat : Open a group chat | Start a group for several people
group_name title name : phrase ; members people with : list first ; ?admins_only closed : bool only admins write/everyone writes
> Let's get {members} together in a group, {group_name}[, {admins_only}]. | Group "{group_name}" with {members}[, {admins_only}] | I want to write to {members} at once, call it {group_name}. | New group for {members}, name: {group_name}[ ({admins_only})]
= group id ; members int 2 30
leave exit / chat_group group_chat : Leave a group chat | Get out of a group
group_name title name : phrase ; ?quietly silent : bool without anybody noticing/with a goodbye
> Get me out of the group {group_name}[ {quietly}]. | "{group_name}" is too much, I'm gone[, {quietly}]. | I don't belong in {group_name} any more[, out {quietly}]. | Leave {group_name}[ {quietly}]
= status enum left/not a member ; members_left int 1 40
mute silence / chat_group group_noise : Mute a group chat | No sounds from a group
group_name title name : phrase ; hours duration for_hours : int 2 72
> {group_name} beeps all day, {hours} hours of silence. | No sound from {group_name} for {hours} hours. | I must work, keep "{group_name}" quiet for {hours} hours. | Mute {group_name}, {hours} h
= muted_until time ; status enum muted/ok
summarize catch_up / unread_chat missed_messages : Sum up what was missed in a group | Catch up with a chat
group_name title name : phrase
> What did I miss in {group_name}? | 200 new lines in {group_name}, what do they want? | Short version of {group_name} please. | Did anything matter in {group_name}? | Sum up "{group_name}" for me.
= unread int 1 300 ; summary message
# address_book
merge join / double_contacts duplicate_contact : Merge two entries of one person | Join double contacts
first_entry keep a : person ; second_entry merge_in b : person
> {first_entry} and {second_entry} are the same woman. | I have him twice, as {first_entry} and as {second_entry}. | Make one of {first_entry} and {second_entry}. | {second_entry} is the old name of {first_entry}, put them together.
= status enum merged/ok ; entries int 10 900
update change / contact_number phone_entry : Change somebody's number | Update a phone number
person_name who name : person ; new_number phone number : phone ; ?kind type : enum mobile/work/home
> {person_name} has a new number, {new_number}[ ({kind})]. | Reach {person_name} now under {new_number}[, {kind}]. | {new_number} is what {person_name} uses these days[, {kind}]. | {person_name}: {new_number}[ {kind}]
= status enum updated/not found ; old_number phone
mark star / favorite_contact emergency_contact : Mark a contact as a favorite | Put somebody on top of the contacts
person_name who name : person ; ?speed_key key : int 2 9
> I call {person_name} all the time, put that on top[, key {speed_key}]. | {person_name} is my favorite[, speed key {speed_key}]. | In an emergency call {person_name}[, key {speed_key}]. | Star for {person_name}[ on {speed_key}]
= status enum marked/ok ; favorites int 1 20
block reject / caller unknown_number : Block a number | Reject calls from a number
number phone caller_id : phone ; ?also_texts texts : bool messages too/just calls
> {number} rings every night, make it stop[, {also_texts}]. | Never put {number} through again[, {also_texts}]. | Block {number}[, {also_texts}] | Some robot calls me from {number}, shut it out[ ({also_texts})].
= status enum blocked/ok ; calls_stopped int 0 30
# gift_ideas
suggest find / gift_idea present : Suggest a present for somebody | Find an idea what to give
recipient for_whom person : first ; ?interest hobby likes : phrase ; ?budget_limit max_price price : int 10 200
> What can I give {recipient}[ who likes {interest}]? | {recipient} has everything. Any idea[ under {budget_limit}]? | I need something nice for {recipient}[, up to {budget_limit}][, maybe about {interest}]. | Present for {recipient}[, loves {interest}][, {budget_limit} at most] | What would make {recipient} smile?
= idea noun ; price num 5 199
save remember note / gift_idea wish : Remember what somebody wishes for | Save a wish of a person
recipient for_whom person : first ; wish_item item what : noun
> {recipient} would love a {wish_item}. | {recipient} looked at a {wish_item} in the shop for ages, remember that. | A {wish_item} for {recipient} one day! | {recipient} said "I need a {wish_item}", keep it in mind. | Wish of {recipient}: {wish_item}
= ideas int 1 30 ; status enum saved/ok
wrap pack / present gift_wrap : Have a present wrapped | Choose the paper for a present
order_code parcel_code id : id ; paper_color color paper : color ; ?card_text greeting card : message
> Wrap {order_code} in {paper_color}[, with a card: {card_text}] | {paper_color} paper around {order_code} please[, card "{card_text}"]. | {order_code} is a present, so make it pretty in {paper_color}. | Ribbon and {paper_color} paper for {order_code}[, and write "{card_text}"]
= price num 1 9 ; status enum wrapped/ok
# photo_gallery
find search / snapshots gallery : Find pictures by what they show | Search the gallery
subject what shows : noun ; ?year taken_in : int 2005 2025 ; ?people with_person : first
> Where are my pictures with the {subject}[ from {year}]? | Show me every snap of a {subject}[ with {people}]. | I know we have one of the {subject}[ together with {people}]. | {subject} pictures[, {year}][, with {people}] | I once took a shot of a {subject}[ in {year}]. Where is it?
= count int 0 400 ; newest file
crop straighten / snapshot camera_shot : Crop a picture | Cut the borders of a picture
file path picture_name : file ; shape ratio format : enum square/portrait/banner/circle
> Cut {file} to a {shape}. | {file} should be a {shape} for my profile. | There is a thumb at the side of {file}, make it a {shape}. | {shape} version of {file} please. | Crop {file}, {shape}
= file file ; status enum cropped/too small
brighten enhance / snapshot dark_shot : Make a dark picture brighter | Enhance a picture
file path picture_name : file ; ?percent strength by : int 5 90 ; ?red_eyes fix_eyes : bool red eyes fixed/eyes left alone
> I can hardly see the faces in {file}[, {percent} percent brighter]. | {file} is too dark[, {red_eyes}]. | More light for {file}[, by {percent}][, {red_eyes}] | Save {file}, it looks like night[ ({red_eyes})].
= file file ; status enum enhanced/ok
hide lock_away / snapshot private_shot : Hide a picture in the gallery | Keep a picture from others
file path picture_name : file
> Nobody should see {file}. | {file} is embarrassing, put it where only I look. | Hide {file} from the gallery. | Away with {file}, but don't delete it. | My mother scrolls through my phone. Not {file}!
= status enum hidden/ok ; hidden_count int 1 90
# video_editor
trim cut shorten / footage video_clip : Cut a clip to a part | Trim a video
file clip path : file ; start_second from start : int 0 60 ; end_second to end : int 61 900
> Keep only second {start_second} to {end_second} of {file}. | {file} is too long, from {start_second} to {end_second} is enough. | Cut {file}: {start_second} until {end_second} | The goal in {file} comes between {start_second} and {end_second} seconds. Just that. | From {file} I need seconds {start_second} to {end_second}.
= seconds int 1 900 ; file file
slow speed_up change / clip_speed footage_speed : Change how fast a clip runs | Slow motion or fast motion
file clip path : file ; factor times speed : num 0 8
> Play {file} at {factor} times the speed. | {file} in slow or fast motion, factor {factor}. | Speed factor {factor} for {file}. | I want {file} to run {factor} times as fast. | {file} x {factor}
= seconds int 1 900 ; status enum rendering/ok
join glue / video_clips footage : Join clips into one | Put two videos together
first_file a : file ; second_file b : file ; ?transition between : enum fade/wipe/hard cut/flash
> First {first_file}, then {second_file}, as one film[ with a {transition} between]. | Glue {second_file} to the end of {first_file}[, transition {transition}]. | {first_file} plus {second_file}[, {transition}] | Make {first_file} and {second_file} one thing[, {transition} between them].
= file file ; seconds int 5 1800
mute silence / footage_sound clip_audio : Take the sound out of a clip | Mute a video
file clip path : file
> The wind howls in {file}, no sound please. | {file} without a sound. | Nobody should hear what I say in {file}. | Silent version of {file} | Take the noise out of {file}, all of it.
= file file ; status enum muted/no sound
# wardrobe
add hang_in / garment wardrobe_item : Add a piece of clothing to the wardrobe | Record a new garment
garment piece what : enum coat/dress/sweater/skirt/scarf/blouse ; color shade : color ; ?brand maker : company ; ?washable machine_wash : bool for the machine/only by hand
> I bought a {garment}, it is {color}[ and by {brand}]. | New in my closet: {color} {garment}[ from {brand}][, {washable}] | My aunt gave me a {garment} in {color}[, wash it {washable}]. | One {color} {garment}[, {brand}] | A {garment}, {color}[, {brand}], is now mine.
= id id ; pieces int 5 300
suggest pick choose / outfit clothes : Suggest what to wear | Choose an outfit
occasion event_kind for_what : enum office/wedding/beach/interview/first date/skiing ; ?degrees outside temperature_outside : int -10 35
> What shall I wear for this: {occasion}[, at {degrees} degrees]? | I have nothing to put on! {occasion}[, {degrees} degrees outside]. | Dress me, occasion {occasion}[, {degrees} degrees]. | {occasion} today[, {degrees} degrees]. Which clothes? | Jeans or something fine? It's for: {occasion}
= outfit noun ; shoes enum boots/sneakers/sandals
lend give_away / garment clothing_piece : Record that a garment is with somebody else | Lend out clothes
garment piece what : enum coat/dress/sweater/skirt/scarf/blouse ; borrower to who : first ; ?back_on until : date
> {borrower} has my {garment}[ until {back_on}]. | I gave {borrower} the {garment}[, back on {back_on}]. | My {garment} is at {borrower}'s place now. | {garment} to {borrower}[, until {back_on}] | Who has my {garment}? Right, {borrower}, note that[, until {back_on}].
= status enum lent/not found ; lent_pieces int 1 9
find where_is / garment lost_clothes : Find where a garment is | Where a piece of clothing hangs
garment piece what : enum coat/dress/sweater/skirt/scarf/blouse ; ?color shade : color
> I can't find my {garment}[, the {color} one]. | Where did I put the[ {color}] {garment}? | Has anyone seen a[ {color}] {garment}? | [{color} ]{garment}, which drawer? | Is the {garment} in the wash[, I mean the {color} one]?
= place enum closet/laundry/drawer/attic ; last_worn date
# storm_alerts
switch turn set / storm_alert weather_alarm : Turn alarms for bad weather on or off | Switch a weather alarm
danger kind hazard : enum thunder/frost/hail/flood/heat ; active on enabled : bool on/off
> {danger} alarm {active}. | Turn the {danger} warnings {active}. | Warnings: {danger} {active} | I want alerts for {danger} {active}. | {active} with the {danger} alarm!
= status enum on/off/ok ; alarms_on int 0 5
list check show / storm_warnings warnings : Warnings for a place | Check whether bad weather is coming
place city where : city ; ?hours next within : int 3 72
> Is a storm coming to {place}[ in the next {hours} hours]? | Should I take the chairs in, here in {place}?[ Look {hours} hours ahead.] | Warnings {place}[, {hours} h] | The sky over {place} looks black. Danger? | Can we camp near {place}[ for {hours} hours] without being blown away?
= warning enum none/yellow/orange/red ; starts time
set change / wind_limit alert_limit : Set from which wind to warn | Change the limit of the wind alarm
kilometers_per_hour speed limit : int 30 130 ; ?night_too at_night : bool also at night/only by day
> Warn me from {kilometers_per_hour} km/h of wind[, {night_too}]. | My tent flies away at {kilometers_per_hour} km/h, tell me before[, {night_too}]. | Wind above {kilometers_per_hour}: alarm[, {night_too}] | {kilometers_per_hour} km/h is my limit for wind[, {night_too}].
= status enum saved/ok ; windy_days int 0 20
locate track / lightning thunderstorm : How far away the lightning is | Locate the thunderstorm
> How far away was that flash? | Did you hear that thunder? Is it near us? | Is it safe to swim or is there lightning around? | Where is the thunderstorm now?
= kilometers int 1 90 ; heading enum north/south/east/west
# map_pins
drop save set / map_pin pin : Save a place on the map | Drop a pin at an address
label name title : phrase ; address where spot : address ; ?icon symbol : enum heart/star/flag/fork/house
> Remember {address} as "{label}"[ with a {icon}]. | I want to find {address} again, call it {label}. | Pin at {address}: {label}[, {icon}] | {label} is at {address}, mark it[ with a {icon}]. | Put a {icon} or a dot on {address}, name {label}.
= id id ; pins int 1 300
share send / map_pin location_pin : Send somebody a saved place | Share a pin
label name title : phrase ; friend to recipient : first
> {friend} can't find {label}, send the spot. | Show {friend} where {label} is. | Pin "{label}" to {friend} | {friend} wants to know where "{label}" is. | Let {friend} have the place saved as {label}.
= status enum sent/no such pin ; link url
download save_offline / offline_map city_map : Keep a map for use without network | Download the map of a city
city area region : city ; ?detail level : enum streets/paths/everything
> No signal in {city}, I need the map on my phone[, {detail}]. | I'll be offline in {city}. Get me the map[ with {detail}]. | Map of {city} for the road[, detail {detail}] | {city} offline please[, {detail}]. | My phone won't have internet in {city}, prepare the map.
= megabytes int 20 900 ; status enum downloading/no space
avoid set_avoid / road_type toll_roads : Avoid a sort of road | Keep away from some roads
road_type kind what : enum toll roads/highways/ferries/gravel roads
> I get scared, please no {road_type}. | Keep away from {road_type}. | Never lead me over {road_type} again. | Without {road_type} from now on. | {road_type}? No thanks.
= status enum set/ok ; extra_minutes int 0 60
# phrasebook
look_up get say / travel_phrase phrasebook_line : Get a phrase for travelers | How to say something abroad
situation scene topic : enum greeting/asking the way/illness/ordering food/emergency ; tongue spoken idiom : enum Greek/Turkish/Czech/Swedish/Korean/Arabic
> What do I say in {tongue} for this: {situation}? | I need {tongue} words for {situation}. | {tongue}, {situation} | Nobody speaks English here. Give me {tongue} for {situation}. | {situation}: how do they put it in {tongue}?
= phrase message ; spoken_as pseudo
pronounce read_aloud / foreign_word pronunciation : Say a foreign word aloud | How a word sounds
word term foreign : pseudo ; ?slowly slow : bool very slowly/at normal speed
> How does {word} sound[, {slowly}]? | Say {word}[ {slowly}]. | I can't get {word} over my lips, read it to me[ {slowly}]. | {word} aloud please[, {slowly}] | Let me hear {word}.
= sound pseudo ; syllables int 1 6
star save / travel_phrase favorite_phrase : Save a translated phrase | Keep a phrase as a favorite
phrase text words : message ; ?folder_name group : word
> I will need "{phrase}" often, keep it[ under {folder_name}]. | Star this: "{phrase}" | Save the phrase "{phrase}"[ in {folder_name}]. | "{phrase}" goes to my favorites[, group {folder_name}]. | Don't lose "{phrase}", I say it every day there.
= saved int 1 90 ; status enum saved/already there
# dictionary
define explain look_up / word_meaning definition : Meaning of a word | Define a word
word term entry : word ; ?short brief : bool in one line/with all senses
> What does {word} mean[, {short}]? | I read "{word}" and don't get it. | Define {word}[ {short}]. | Meaning of {word}[, {short}] | My son asks what {word} is. What do I tell him?
= meaning message ; kind enum noun/verb/adjective/adverb
find list / synonym synonyms : Find other words with the same meaning | List synonyms
word term entry : word ; ?count how_many : int 2 12
> Another word for {word}? | I have written {word} five times, give me others[, {count} of them]. | [{count} ]words that mean the same as {word} | Synonyms of {word}[, {count}] | What could I say for {word}?
= synonym word ; count int 1 12
find list / rhyme rhyming_words : Find words that rhyme | List rhymes for a word
word term entry : word ; ?syllables length : int 2 5
> What rhymes with {word}? | I write a poem and am stuck at {word}[, {syllables} syllables please]. | Something that ends like {word}[ with {syllables} syllables] | {word} and ... which rhyme? | Rhymes, {word}[, {syllables} syllables]
= rhyme word ; count int 0 60
spell check / spelling word_spelling : Check how a word is written | Is this word spelled right
word term written : pseudo
> Is {word} spelled right? | Do you write it {word}? | {word} looks wrong to me. | One s or two in {word}? | Check {word}, I am bad at writing.
= correct enum yes/no ; suggestion word
# kitchen_measures
convert turn / cooking_measure cups : Convert measures for cooking | Cups and spoons into grams
amount number value : num 0 12 ; cook_unit from_unit unit : enum cups/tablespoons/teaspoons/ounces/sticks ; ingredient food of_what : enum flour/sugar/butter/rice/oats
> {amount} {cook_unit} of {ingredient} in grams? | Grandma writes {amount} {cook_unit} of {ingredient}. What is that? | How much do {amount} {cook_unit} of {ingredient} weigh? | I have no measuring cup. {ingredient}, {amount} {cook_unit}. | {ingredient}: {amount} {cook_unit} -> grams
= grams int 5 1500 ; milliliters int 5 2900
scale resize / portions serving_size : Change for how many people a dish is | Scale the amounts
from_people old for_now : int 2 6 ; to_people new wanted : int 7 30
> The cake is for {from_people}, but we are {to_people}. | From {from_people} to {to_people} people please, how much more of all? | {to_people} guests come, the text says {from_people}. | Amounts: {from_people} -> {to_people} portions | Make it enough for {to_people} and not for {from_people}.
= factor num 1 9 ; extra_minutes int 0 40
replace substitute / ingredient missing_ingredient : What to take in place of an ingredient | Find a substitute for cooking
ingredient missing food : enum eggs/butter/cream/yeast/baking powder/honey ; ?vegan plant_based : bool it must be vegan/anything goes
> I have no {ingredient}[, {vegan}]. | What can I take for {ingredient}[, {vegan}]? | The shop is closed and {ingredient} is missing in my dough. | How do I bake without {ingredient}[, {vegan}]? | Instead of {ingredient}[, {vegan}]?
= substitute noun ; ratio num 0 3
# holiday_money
get look_up / exchange_rate rate_of_day : Exchange rate of two currencies | How much one coin is worth in another
from_coin base a : enum euro/dollar/pound/yen/krona/rupee ; to_coin other b : enum franc/peso/lira/zloty/won/rand
> How many {to_coin} do I get for one {from_coin}? | Is the {from_coin} strong against the {to_coin}? | Rate {from_coin} to {to_coin} | What is one {from_coin} worth in {to_coin}? | {to_coin} per {from_coin} today?
= rate num 0 90 ; changed date
watch set_alarm / exchange_rate rate_alarm : Tell when a rate reaches a value | Watch a currency
from_coin base a : enum euro/dollar/pound/yen/krona/rupee ; to_coin other b : enum franc/peso/lira/zloty/won/rand ; limit value at_rate : num 1 60
> Tell me when one {from_coin} brings {limit} {to_coin}. | I change my {from_coin} notes when I get {limit} {to_coin}. | {limit} {to_coin} for a {from_coin}: wake me up! | Watch {from_coin} and {to_coin}, limit {limit}. | Ping at {limit} ({from_coin}, {to_coin})
= id id ; status enum watching/ok
note add / holiday_expense money_spent : Note what was spent on holiday | Add an expense on the road
amount sum spent : num 2 300 ; purpose what for_what : thing ; ?paid_by who : first
> {amount} for {purpose}[, paid by {paid_by}]. | We spent {amount} on {purpose}[, {paid_by} had the cash]. | {purpose}: {amount}[ ({paid_by})] | Those {purpose} cost me {amount}! | Put {amount} down, it was {purpose}[ and {paid_by} paid].
= total num 10 3000 ; left num 0 900
split share_out / holiday_expenses group_costs : Split the costs among friends | Who owes what after the holiday
friends people among : list first ; ?round_up rounded : bool rounded/to the cent
> Who owes whom?[ {round_up}.] We were {friends}. | Share all we spent among {friends}[, {round_up}]. | {friends} want to settle the holiday costs[, {round_up}]. | Even out the money between {friends}. | Costs by head for {friends}[, {round_up}]
= each num 5 900 ; debtor first
# stopwatch
start begin run / stopwatch lap_clock : Start the stopwatch | Begin to measure the time
?runner label name : first
> Ready, steady, go![ {runner} runs.] | Clock me[, I am {runner}]! | Take the time from now[ for {runner}]. | Let us see how fast I am[, name {runner}]. | Go, go, go![ It's {runner}'s turn.]
= status enum running/already running ; since time
stop halt / stopwatch lap_clock : Stop the stopwatch | Take the final time
> Stop! I'm over the line. | Done, what's my time? | And finish! | He touched the wall, stop. | That's it, hold the clock.
= seconds num 5 900 ; rank int 1 20
mark take / lap split_time : Take the time of a lap | Mark a split time
?lap_number number : int 2 40
> Lap![ Number {lap_number}.] | One round more is done[, number {lap_number}]. | Split time[ {lap_number}] now, keep on running. | She passes the line, note it[ as lap {lap_number}].
= lap_seconds num 10 200 ; best num 9 100
compare show / lap_times finish_times : Compare the times of two runners | Show who was faster
first_runner a : first ; second_runner b : first
> Who was faster, {first_runner} or {second_runner}? | By how many seconds did {first_runner} beat {second_runner}? | {first_runner} against {second_runner}, times? | Did {second_runner} lose to {first_runner}?
= faster first ; gap num 0 30
# museum
find search / exhibit artwork : Find an object in the museum | Where a work hangs
exhibit work object : title ; ?floor_plan route_wanted : bool with the way there/just the hall
> Where does {exhibit} hang[, {floor_plan}]? | I came only for {exhibit}[, {floor_plan}]. | Which hall has {exhibit}? | We walk in circles and can't find {exhibit}[, tell me {floor_plan}]. | {exhibit}, where?
= hall int 1 40 ; wing_name enum east/west/north
start play / audio_guide museum_guide : Start the audio guide | Tell about an exhibit
number exhibit_number stop : int 1 300 ; ?guide_language spoken : enum English/French/Chinese/Spanish ; ?for_kids children : bool for children/for adults
> What am I looking at? It says {number}[, {for_kids}]. | Tell me about number {number}[ in {guide_language}]. | Audio {number}[, {guide_language}][, {for_kids}] | I stand before {number} and know nothing about it. | {number} please[, {guide_language}]
= minutes int 1 8 ; title title
get check / museum_hours opening_hours : When a museum is open | Get opening hours
museum house name : title ; ?day when : day
> Is {museum} open[ {day}]? | Until when can we look at things in {museum}[ {day}]? | {museum}, hours[ {day}]? | Do they let people into {museum}[ {day}]? | When does {museum} close its doors[ {day}]?
= opens time ; closes time
join book_on / guided_tour museum_tour : Join a guided tour | Get a place on a tour
museum house name : title ; start time at : time ; ?people group_size : int 2 20
> We want somebody to show us {museum} at {start}[, {people} of us]. | Tour of {museum}, {start}[, {people} people] | A guide for {museum} at {start} please[, we are {people}]. | Put us on the {start} tour through {museum}[, {people}].
= guide first ; status enum booked/full
# watchlist
add put save / watchlist film_list : Save a film to see later | Put a film on the watchlist
film_title title name : title ; ?tip_from recommended_by : first ; ?mood genre : enum funny/sad/scary/romantic
> I want to see {film_title} one day[, {tip_from} told me about it]. | Someone[, I think {tip_from},] said {film_title} is great, keep it. | For a rainy evening: {film_title}[ ({mood})] | {film_title} on my list[, tip from {tip_from}][, {mood}] | The trailer of {film_title} was great, I must see that.
= films int 1 200 ; status enum saved/already there
pick draw choose / watchlist evening_film : Pick a film from the watchlist | Choose what to watch
?mood genre : enum funny/sad/scary/romantic ; ?max_minutes length : int 80 180
> We can't agree what to watch, you choose[ something {mood}]. | Film night! Which one[, {mood}][, {max_minutes} minutes at most]? | Pick one of those we saved[, {mood} please]. | I want to laugh or cry, just pick[, up to {max_minutes} minutes].
= film title ; minutes int 80 180
mark set / seen_film watchlist_seen : Mark a film as seen | Note that a film was watched
film_title title name : title ; ?verdict liked : bool liked it/did not like it
> Saw {film_title} yesterday[, {verdict}]. | {film_title} is seen[, {verdict}]. | We finally watched {film_title}[ and {verdict}]. | Off the list with {film_title}, I know it now[, {verdict}].
= seen int 1 500 ; status enum marked/ok
warn check / film_content age_limit : Whether a film suits a child | Age limit of a film
film_title title name : title ; ?age child_age : int 4 17
> Can my kid watch {film_title}[ at {age}]? | Is there blood in {film_title}? | From what age is {film_title}[, we have a {age} year old]? | {film_title}: too scary[ for {age}]? | I don't want nightmares here. Is {film_title} fine[ at {age}]?
= age int 0 18 ; reason enum none/violence/language/fear
# street_festival
list show find / festivals local_events : What is going on in a town | Find things to do
town city place : city ; ?day when : day ; ?free_only free : bool free entry only/paid ones as well
> What's going on in {town}[ {day}][, {free_only}]? | We are bored in {town}. Any ideas[ {day}]? | Fairs and markets in {town}[, {day}][, {free_only}] | Is there a party in the streets of {town}[ {day}]? | {town}[, {day}]: something fun[, {free_only}]?
= event title ; starts time
join answer rsvp / local_event event_reply : Say whether one comes to an event | Answer an invitation
event_name title what : event ; coming attend yes : bool I am coming/I can't come ; ?remark comment note_text : message
> {event_name}: {coming}[. {remark}] | About the {event_name}, {coming}[: "{remark}"] | {coming}, I mean to the {event_name}[, add "{remark}"]. | Tell them for the {event_name} that {coming}. | They asked about the {event_name}. Say {coming}[ and "{remark}"].
= status enum noted/full ; guests int 2 200
sign_up volunteer / event_helper festival_shift : Help at an event | Take a shift as a helper
event_name title what : event ; task job_there duty : enum grill/cashier/cleaning/setup/first aid ; ?from_hour start : time
> I can help at the {event_name}, {task}[ from {from_hour}]. | Put me down for {task} at the {event_name}[, {from_hour}]. | Do you need hands for the {event_name}? I take {task}. | {event_name}[, {from_hour}]: I do {task}
= status enum taken/thanks ; hours int 1 8
# dating
like send_heart / match date_partner : Like a person on the dating app | Send a heart
candidate person_name name : first ; ?opening_line text : message
> I find {candidate} cute[, tell them "{opening_line}"]. | A heart for {candidate}[ and the line "{opening_line}"] | Swipe right on {candidate}. | {candidate} smiles so nicely, I like that[. Write: {opening_line}] | Yes to {candidate}!
= matched enum yes/no ; hearts_left int 0 20
pass skip reject / match date_candidate : Skip a person on the dating app | Not interested in somebody
candidate person_name name : first ; ?reason why : enum too far away/smokes/no spark/too young
> {candidate} is not my type[, {reason}]. | Next please, not {candidate}[ ({reason})]. | No to {candidate}[: {reason}]. | I don't feel anything for {candidate}. | Swipe left on {candidate}[, {reason}].
= status enum skipped/ok ; next_person first
propose arrange / first_date rendezvous : Propose a first date | Arrange to meet somebody
candidate person_name name : first ; day when : day ; ?place where : enum coffee bar/park/ice rink/wine bar ; ?hour time : time
> Ask {candidate} out {day}[ at {hour}][, {place}]. | I'd love to meet {candidate} {day}[, {place}]. | Is {candidate} free {day}[ at {hour}]? I mean for a date. | Date {day} with {candidate}[, {place}][, {hour}] | {candidate} and me, {day}[, {place}]?
= reply enum yes/no/maybe ; place title
set limit / search_radius dating_range : Set how far away matches may live | Limit the distance for dating
kilometers km radius : int 2 200 ; ?oldest max_age : int 30 80
> Only people within {kilometers} km[, no older than {oldest}]. | Love should live near me, {kilometers} km at most[, up to {oldest} years]. | Not more than {kilometers} kilometers away[, age {oldest} at most]. | Dating radius {kilometers}[, oldest {oldest}] | I have no car, so {kilometers} km is all I can do for love.
= people int 0 900 ; average_age int 20 70
# babysitter
find search / babysitter nanny : Find a babysitter | Search somebody to look after children
evening day when : day ; from_hour start from : time ; ?children kids count : int 2 5
> We want to go out {evening}, who looks after the kids from {from_hour}[, there are {children}]? | Babysitter {evening}, {from_hour}[, {children} children] | I need someone for my {children} or so little ones. {evening} at {from_hour}. | Who could watch the children {evening} from {from_hour}? | {evening}, {from_hour}: nanny wanted[ for {children}]
= name first ; hourly num 8 25
send leave / babysitter_note sitter_instructions : Leave instructions for the babysitter | Tell the sitter something
sitter name who : first ; instruction text words : message
> Tell {sitter}, who watches the kids: {instruction} | For the babysitter {sitter}: "{instruction}" | {sitter} is with the children tonight and must know "{instruction}". | Leave {sitter} a word on the nursery desk: {instruction}
= status enum sent/read ; read_at time
extend prolong / sitter_hours babysitting : Ask the sitter to stay longer | Extend the babysitting
until new_end to : time ; ?sitter name who : first
> We are late, can the sitter stay until {until}?[ It's {sitter}.] | Dinner goes on, babysitting until {until} please[, ask {sitter}]. | Home at {until} only, sorry[ {sitter}]! | The kids need someone until {until}[, {sitter} if possible].
= status enum agreed/refused ; extra num 5 60
# sticker_chart
give award add / gold_sticker child_sticker : Give a child a star | Reward a child
child kid name : first ; ?stars count : int 2 10 ; ?reason for_what : enum tidy desk/brave at the dentist/helped/slept alone/clean plate
> {child} was so good today[, {reason}]. | [{stars} ]gold ones for {child}[: {reason}] | {child} earned it[, {stars} stars][, {reason}]. | Well done, {child}![ {reason}!] That's worth something on the chart. | Reward {child}[ with {stars}][, {reason}].
= total int 1 90 ; to_reward int 0 20
take remove / gold_sticker chart_sticker : Take a star away from a child | Remove a star
child kid name : first ; ?reason for_what : enum fighting/lying/shouting/no brushing
> {child} did it again[, {reason}], one less on the chart. | Minus one for {child}[: {reason}]. | No, {child}![ {reason} costs a star.] | Take back what {child} got[, because of {reason}].
= total int 0 80 ; to_reward int 1 40
set promise / chart_reward sticker_prize : Set what a child gets for the stars | Promise a prize
child kid name : first ; prize reward what : enum ice cream/a swimming day/the cinema/a new toy/a late night ; stars needed price : int 5 50
> {child} gets {prize} for {stars} stars. | When {child} has {stars}, it's time for {prize}. | I promised {child} {prize} at {stars} stars. | Prize of {child}: {prize}, {stars} | {stars} stars and {child} can have {prize}.
= status enum set/ok ; missing int 0 50
# knitting
start begin cast_on / knitting_project knit_piece : Start a knitting project | Begin to knit something
piece what project : enum scarf/sweater/hat/socks/baby blanket ; yarn_color color yarn : color ; ?needle_size needles mm : num 2 10
> I want to knit this: {piece}, in {yarn_color}[, needles {needle_size}]. | Casting on, {piece}, {yarn_color} wool[, {needle_size} mm] | The {yarn_color} yarn shall become something: {piece}[ with {needle_size} needles]. | My next work with needles: {piece}, {yarn_color}
= id id ; stitches int 20 300
count add / knit_rows row_counter : Count finished rows of knitting | Add rows to the counter
row_count rows number : int 2 60
> {row_count} rows more. | I did {row_count} rows on the sofa tonight. | Plus {row_count} on the counter, my needles glow. | {row_count} rows, click click click. | Knitted {row_count} further rows.
= total int 2 600 ; left int 0 400
estimate compute / yarn_needed wool : How much yarn a piece needs | Estimate the wool
piece what project : enum scarf/sweater/hat/socks/baby blanket ; size fit : enum small/medium/large/extra large ; ?yarn_kind material : enum merino/cotton/alpaca/mohair
> How many balls of wool do I buy? {piece}, {size}[, {yarn_kind}]. | Yarn for this: {piece} in {size}[, {yarn_kind}] | Is one ball enough for the {piece} in {size}? | {size} {piece}[ in {yarn_kind}], how much wool? | I stand in the wool store. {piece}, {size}[, {yarn_kind}].
= balls int 1 20 ; meters int 80 2500
explain show / stitch knitting_stitch : Explain a stitch | Show how a stitch is made
stitch name kind : enum purl/moss/cable/rib/garter
> How do I knit {stitch}? | I forgot how {stitch} goes. | Grandma said {stitch}, what is that with needles? | Show me {stitch} slowly. | {stitch}, step by step
= video_link url ; level enum easy/medium/hard
"""
